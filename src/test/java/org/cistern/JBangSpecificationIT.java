package org.cistern;

import java.nio.file.Path;
import org.cistern.spec.InJBang;
import org.cistern.spec.SpecifiedGateway;
import org.junit.jupiter.api.io.TempDir;

/** Holds the gateway of Camel JBang to the specification: the same files, the same answers. */
class JBangSpecificationIT extends SpecifiedRuntime {
    @TempDir
    private static Path directory;

    @Override
    protected SpecifiedGateway.Starter starter() {
        return InJBang.below(directory);
    }
}
