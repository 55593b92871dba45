package org.cistern;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.cistern.spec.SpecificationRunner;
import org.cistern.spec.SpecifiedGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Holds the gateway of a runtime to {@code specs/}: every case of every file is a test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SpecifiedRuntime {
    private SpecificationRunner runner;

    /** What starts the gateways. */
    protected abstract SpecifiedGateway.Starter starter();

    @BeforeAll
    void takeStarter() {
        runner = new SpecificationRunner(starter());
    }

    @TestFactory
    Stream<DynamicTest> everyCaseHolds() throws IOException {
        return runner.cases(Path.of("specs")).stream()
                .map(spec -> DynamicTest.dynamicTest(spec.title(), () -> runner.run(spec)));
    }

    @AfterAll
    void stopGateways() {
        runner.close();
    }
}
