package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisBinaryTest {
    @ParameterizedTest
    @CsvSource({"Linux, amd64", "Linux, aarch64", "Mac OS X, x86_64", "Mac OS X, aarch64"})
    void linuxAndMacHaveAProgramOnTheClassPath(String os, String architecture) {
        URL program = getClass().getClassLoader().getResource(RedisBinary.resource(os, architecture));
        assertThat(program).isNotNull();
    }

    @Test
    void othersHaveNone() {
        assertThat(RedisBinary.resource("Windows 11", "amd64")).isNull();
        assertThat(RedisBinary.resource("Linux", "riscv64")).isNull();
    }
}
