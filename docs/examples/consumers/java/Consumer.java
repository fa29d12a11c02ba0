// Prints what happens to opportunities, each event once however often it comes. contract.binpb: GET /contract.binpb
//   KITH_KAFKA=127.0.0.1:9092 java -cp 'jars/*' Consumer.java
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.*;

public class Consumer {
    public static void main(String[] args) throws Exception {
        var files = new HashMap<String, FileDescriptor>();
        var contract = Files.readAllBytes(Path.of(told("KITH_CONTRACT", "contract.binpb")));
        for (var file : FileDescriptorSet.parseFrom(contract).getFileList()) { // each comes after those it imports
            var imports = file.getDependencyList().stream().map(files::get).toArray(FileDescriptor[]::new);
            files.put(file.getName(), FileDescriptor.buildFrom(file, imports));
        }
        var type = files.get("kith/sales/v1/opportunity.proto").findMessageTypeByName("OpportunityEvent");
        var effects = Path.of(told("KITH_EFFECTS", "effects.tsv")); // an effect and the id of its event are one line
        var known = new HashSet<String>();
        if (Files.exists(effects)) Files.readAllLines(effects).forEach(line -> known.add(line.split("\t")[2]));
        Map<String, Object> settings = Map.of("bootstrap.servers", told("KITH_KAFKA", "127.0.0.1:9092"),
            "group.id", told("KITH_GROUP", "example-java"), "auto.offset.reset", "earliest", "enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("kith.sales.v1", "kith.sales.bulk.v1"));
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    var headers = new HashMap<String, String>();
                    record.headers().forEach(header -> headers.put(header.key(), new String(header.value())));
                    String what = headers.get("ce_type"), id = headers.get("ce_id");
                    if (!what.startsWith("kith.sales.opportunity.") || known.contains(id)) continue;
                    var event = DynamicMessage.parseFrom(type, record.value());
                    var after = (Message) event.getField(type.findFieldByName("after"));
                    var name = (String) after.getField(after.getDescriptorForType().findFieldByName("display_name"));
                    var line = String.join("\t", what, headers.get("ce_tenantid"), id, name);
                    Files.writeString(effects, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    known.add(id);
                    System.out.println(line);
                }
                consumer.commitSync(); // only now
            }
        }
    }

    static String told(String name, String otherwise) { return System.getenv().getOrDefault(name, otherwise); }
}
