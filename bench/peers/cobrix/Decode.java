/*
 * Reads a file with Cobrix on Spark, on one core, and says how long it took: all columns decoded and thrown away (Spark's noop sink), then
 * written as Parquet. A first, short file warms the JVM up. Prints one line of JSON for each thing done.
 *
 *   java -cp ... Decode COPYBOOK WARM-UP DATA PARQUET CHECK [OPTION=VALUE ...]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

public final class Decode {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public static void main(String[] args) {
        String copybook = args[0];
        String warmUp = args[1];
        String data = args[2];
        String parquet = args[3];
        String check = args[4];
        SparkSession spark = SparkSession.builder()
            .appName("peers")
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.debug.maxToStringFields", "100000")
            .getOrCreate();
        DataFrameReader reader = spark.read()
            .format("cobol")
            .option("copybook", "file://" + copybook)
            .option("schema_retention_policy", "collapse_root")
            .option("ebcdic_code_page", "cp037");
        for (String option : Arrays.asList(args).subList(5, args.length)) {
            int at = option.indexOf('=');
            reader = reader.option(option.substring(0, at), option.substring(at + 1));
        }
        discard(reader.load("file://" + warmUp));
        Dataset<Row> rows = reader.load("file://" + data);
        timed("decode", () -> discard(rows));
        timed("parquet", () -> rows.write().mode(SaveMode.Overwrite).parquet("file://" + parquet));
        Row sums = rows.selectExpr("count(*)", check).first();
        System.out.printf("{\"action\":\"check\",\"records\":%s,\"sum\":\"%s\"}%n", sums.get(0), sums.get(1));
        spark.stop();
    }

    private static void discard(Dataset<Row> rows) {
        rows.write().format("noop").mode(SaveMode.Overwrite).save();
    }

    private static void timed(String action, Runnable work) {
        long cpu = SYSTEM.getProcessCpuTime();
        long started = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - started) / 1e9;
        double used = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
        System.out.printf("{\"action\":\"%s\",\"seconds\":%s,\"cpu\":%s}%n", action, seconds, used);
    }
}
