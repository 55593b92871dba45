package org.cistern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts those who are compared, each as its documentation tunes it for this task, with the same memory. */
final class Contenders {
    static final String CISTERN = "Cistern";
    static final String NGINX = "nginx";
    static final String VARNISH = "Varnish";
    static final String BARE = "bare Vert.x";

    /** What the two JVMs may take. */
    static final String HEAP = "-Xmx2g";

    private Contenders() {}

    static Contender cistern(Stage stage, String name, Map<String, String> environment) throws Exception {
        Server server = stage.gateway(name, "hits.camel.yaml", HEAP + " -Dcistern.cache.memory=70%", environment);
        return new Contender(server.await(Bodies.SMALL + 1), "Cache-Status");
    }

    static Contender nginx(Stage stage) throws Exception {
        int port = Ports.free();
        Path folder = stage.folder("nginx");
        long files = openFiles();
        Path cache = Files.createDirectories(inMemory(folder).resolve("cache"));
        Path configuration = template(
                "nginx.conf",
                folder,
                Map.of(
                        "user", System.getProperty("user.name"),
                        "files", String.valueOf(files),
                        "openFiles", String.valueOf(files * 3 / 4),
                        "directory", folder.toString(),
                        "cache", cache.toString(),
                        "origin", String.valueOf(stage.origin().port()),
                        "port", String.valueOf(port)));
        Server server = stage.start(
                NGINX,
                port,
                Map.of(),
                List.of("nginx", "-e", "stderr", "-p", folder.toString(), "-c", configuration.toString()));
        return new Contender(server.await(Bodies.SMALL + 1), "X-Cache-Status");
    }

    static Contender varnish(Stage stage) throws Exception {
        int port = Ports.free();
        Path folder = stage.folder("varnish");
        Path vcl = template(
                "varnish.vcl",
                folder,
                Map.of("origin", String.valueOf(stage.origin().port())));
        Server server = stage.start(
                VARNISH,
                port,
                Map.of(),
                List.of(
                        "varnishd",
                        "-F",
                        "-n",
                        folder.resolve("work").toString(),
                        "-a",
                        "127.0.0.1:" + port,
                        "-T",
                        "none",
                        "-s",
                        "malloc,2g",
                        "-f",
                        vcl.toString()));
        return new Contender(server.await(Bodies.SMALL + 1), "X-Cache");
    }

    /** @param loops how many event loops listen */
    static Contender bare(Stage stage, int loops, int keys) throws Exception {
        int port = Ports.free();
        List<String> arguments = List.of(String.valueOf(port), String.valueOf(loops), String.valueOf(keys));
        Server server = stage.java(BARE, Bare.class, port, List.of(HEAP), arguments);
        return new Contender(server.await(Bodies.SMALL + 1), "");
    }

    /** A file of bench/ with each {@code @name@} replaced. */
    private static Path template(String name, Path folder, Map<String, String> values) throws IOException {
        String text = Files.readString(Path.of("bench", name));
        for (Map.Entry<String, String> each : values.entrySet()) {
            text = text.replace("@" + each.getKey() + "@", each.getValue());
        }
        return Files.writeString(folder.resolve(name), text);
    }

    /** A folder of /dev/shm that goes with the stage's, or that one itself where there is too little room. */
    private static Path inMemory(Path folder) throws IOException {
        Path memory = Path.of("/dev/shm");
        if (!Files.isWritable(memory) || Files.getFileStore(memory).getUsableSpace() < 1L << 30) {
            return folder;
        }
        Path made = Files.createTempDirectory(memory, "cistern-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Stage.delete(made)));
        return made;
    }

    /** How many files a process may have open here. */
    private static long openFiles() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String hard = line.split(" {2,}")[2];
                return hard.equals("unlimited") ? 1_000_000 : Long.parseLong(hard);
            }
        }
        return 1024;
    }
}
