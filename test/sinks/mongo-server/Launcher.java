/*
 * A server that speaks MongoDB's protocol and keeps documents in memory, for tests: java -cp 'FOLDER/*' Launcher.java PORT
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

class Launcher {
    /** Drivers of today talk to 4.2 and later; what the tests do is the same there as in the versions that this server knows. */
    private static final MongoVersion VERSION = new MongoVersion() {
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0, 0);
        }

        public int getWireVersion() {
            return 9;
        }

        public String toVersionString() {
            return "4.4.0";
        }
    };

    public static void main(String[] arguments) throws Exception {
        MemoryBackend backend = new MemoryBackend();
        backend.version(VERSION);
        new MongoServer(backend).bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Thread.currentThread().join();
    }
}
