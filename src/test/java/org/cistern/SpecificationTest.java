package org.cistern;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cistern.spec.InProcess;
import org.cistern.spec.Specification;
import org.cistern.spec.SpecifiedGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the gateway of Camel Main to the specification, and the specification to its form. */
class SpecificationTest extends SpecifiedRuntime {
    @Override
    protected SpecifiedGateway.Starter starter() {
        return InProcess::start;
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            {"request": "GET /", "expct": {"status": 200}}                        | expct
            {"request": "GET /", "expect": {"statis": 200}}                       | statis
            {"request": "GET /", "expect": {"status": 200, "status": 201}}        | Duplicate
            {"request": "GET /", "expect": {"fields": {}}}                        | without 'status'
            {"request": "GET /"}                                                  | without 'expect'
            {"request": "/", "expect": {"status": 200}}                           | METHOD target
            {"calls": []}                                                         | expects nothing
            {"calls": ["GET"], "clock": "1s"}                                     | not one of
            {"calls": ["/events"]}                                                | METHOD /target
            {"clock": "1s", "fields": {"A": "b"}}                                 | words of a request
            {"upstream": {"/a": {"staus": 200}}}                                  | staus
            {"upstream": {"/a": {"body": "1", "json": 1}}}                        | both
            {"request": "GET /", "expect": {"status": 200, "fields": {"A": 1}}}   | expects of a field
            """)
    void aStepThatSaysNothingOrSomethingUnknownIsRefused(String step, String why) {
        String json = """
                {"about": "a typo", "cases": [{"name": "One", "requirement": "R1", "steps": [%s]}]}""".formatted(step);
        assertThatThrownBy(() -> Specification.read("typo.json", json)).hasMessageContaining(why);
    }

    @Test
    void aCaseWithoutStepsExpectsNothing() {
        String json = """
                {"about": "nothing", "cases": [{"name": "One", "requirement": "R1", "steps": []}]}""";
        assertThatThrownBy(() -> Specification.read("nothing.json", json)).hasMessageContaining("expects nothing");
    }
}
