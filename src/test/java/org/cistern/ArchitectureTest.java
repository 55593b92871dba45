package org.cistern;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds what DESIGN says of the house: which package may use which, and what classes may be called. */
class ArchitectureTest {
    private static final int LONGEST_CLASS = 400;

    private static final JavaClasses CISTERN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.cistern");

    @Test
    void packagesPointOneWayFromServerToHttp() {
        check(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("http")
                .definedBy("org.cistern.http..")
                .layer("store")
                .definedBy("org.cistern.store..")
                .layer("flight")
                .definedBy("org.cistern.flight..")
                .layer("route")
                .definedBy("org.cistern.route..")
                .layer("server")
                .definedBy("org.cistern.server..")
                .whereLayer("http")
                .mayNotAccessAnyLayer()
                .whereLayer("store")
                .mayOnlyAccessLayers("http")
                .whereLayer("flight")
                .mayOnlyAccessLayers("http", "store")
                .whereLayer("route")
                .mayOnlyAccessLayers("http", "store", "flight")
                .whereLayer("server")
                .mayOnlyAccessLayers("http", "store", "flight", "route"));
    }

    @Test
    void noPackagesUseEachOther() {
        check(slices().matching("org.cistern.(*)..").should().beFreeOfCycles());
    }

    @Test
    void nothingButTheRootAndDevUsesCheckWhichUsesOnlyConfigAndRoute() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("org.cistern", "org.cistern.check..", "org.cistern.dev..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.cistern.check..")));
        check(noClasses()
                .that(resideInAPackage("org.cistern.check.."))
                .should()
                .dependOnClassesThat(resideInAPackage("org.cistern..")
                        .and(resideOutsideOfPackages(
                                "org.cistern.check..", "org.cistern.config..", "org.cistern.route.."))));
    }

    @Test
    void nothingUsesTheMainClass() {
        check(noClasses()
                .that(resideOutsideOfPackage("org.cistern"))
                .should()
                .dependOnClassesThat(resideInAPackage("org.cistern")));
    }

    @Test
    void onlyRouteServerConfigOpsCheckAndTheMainClassImportCamel() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.cistern",
                        "org.cistern.route..",
                        "org.cistern.server..",
                        "org.cistern.config..",
                        "org.cistern.check..",
                        "org.cistern.dev..",
                        "org.cistern.ops..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.apache.camel..")));
    }

    @Test
    void httpDoesNoInputOrOutput() {
        check(noClasses()
                .that(resideInAPackage("org.cistern.http.."))
                .should()
                // A URI is a value, and reads nothing.
                .dependOnClassesThat(resideInAnyPackage(
                                "java.io..", "java.net..", "java.nio.channels..", "java.nio.file..")
                        .and(describe("but a URI", type -> !type.getName().equals("java.net.URI")))));
    }

    @Test
    void httpUsesNoOtherPackageOfCistern() {
        check(noClasses()
                .that(resideInAPackage("org.cistern.http.."))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.cistern..").and(resideOutsideOfPackage("org.cistern.http.."))));
    }

    @Test
    void httpHasNoClockOfItsOwn() {
        check(noClasses().that(resideInAPackage("org.cistern.http..")).should().accessTargetWhere(asksTheTime()));
    }

    @Test
    void classesAreNamedAfterWhatTheyAre() {
        check(classes().should().haveNameNotMatching(".*(Util|Utils|Manager|Helper|Impl)"));
    }

    @Test
    void aClassOverFourHundredLinesIsTwoClasses() throws IOException {
        try (var files = Files.walk(Path.of("src/main/java"))) {
            List<Path> tooLong = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> lines(file) > LONGEST_CLASS)
                    .toList();
            assertThat(tooLong).isEmpty();
        }
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CISTERN);
    }

    /** Instant.now and its like, System's clocks and Clock.system…: called, or named with ::. */
    private static DescribedPredicate<JavaAccess<?>> asksTheTime() {
        return describe("the target tells the time", access -> {
            String name = access.getTarget().getName();
            var owner = access.getTargetOwner();
            return (owner.getPackageName().equals("java.time") && name.equals("now"))
                    || (owner.isEquivalentTo(Clock.class) && (name.startsWith("system") || name.startsWith("tick")))
                    || (owner.isEquivalentTo(System.class)
                            && (name.equals("currentTimeMillis") || name.equals("nanoTime")));
        });
    }

    private static int lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
