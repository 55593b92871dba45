package org.cistern.store;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * The system's clock in microseconds, as entries keep their times: so what was kept at an instant is never earlier than
 * that instant.
 */
public final class MicrosClock implements InstantSource {
    @Override
    public Instant instant() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }
}
