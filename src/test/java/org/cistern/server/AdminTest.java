package org.cistern.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom the admin port answers. */
class AdminTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1:7102       |                              |             | true
            127.0.0.1            |                              |             | true
            127.1.2.3:7102       |                              |             | true
            LocalHost:7102       |                              |             | true
            cistern.localhost:80 |                              |             | true
            [::1]:7102           |                              |             | true
            localhost:7102       | http://localhost:7102        | same-origin | true
            localhost:7102       |                              | none        | true
                                 |                              |             | false
            example.org          |                              |             | false
            example.org:7102     |                              |             | false
            127.0.0.1.nip.io     |                              |             | false
            localhost.evil.org   |                              |             | false
            evil-localhost:7102  |                              |             | false
            10.0.0.1:7102        |                              |             | false
            localhost:7102       | http://localhost:3000        |             | false
            localhost:7102       | https://localhost:7102       |             | false
            localhost:7102       | http://127.0.0.1:7102        |             | false
            localhost:7102       | https://evil.org             |             | false
            localhost:7102       | null                         |             | false
            localhost:7102       |                              | cross-site  | false
            localhost:7102       |                              | same-site   | false
            """)
    void answersOnlyWhatThisMachineAskedForItself(String host, String origin, String fetchSite, boolean answered) {
        assertThat(Admin.isOfThisMachine(host, origin, fetchSite)).isEqualTo(answered);
    }
}
