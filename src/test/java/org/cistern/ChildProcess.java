package org.cistern;

import java.io.IOException;

/** A process of a test that ends with this JVM at the latest, also where the JVM is killed. */
final class ChildProcess {
    private ChildProcess() {}

    static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        // The guard's input ends with this JVM, however that ends.
        Process guard = new ProcessBuilder("sh", "-c", "read -r _; kill -KILL " + process.pid()).start();
        var unused = process.onExit().thenRun(guard::destroyForcibly);
        return process;
    }

    /**
     * Sends a process a signal.
     *
     * @param name without its SIG, such as {@code STOP}
     */
    static void signal(Process process, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("Process " + process.pid() + " took no signal " + name + ".");
        }
    }
}
