using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>Names of librdkafka's properties: which a file may not set, and which one was perhaps meant.</summary>
internal static unsafe class PropertyNames
{
    // conf_dump leaves out names that have no default, and aliases.
    private static readonly string[] WithoutDefault =
    [
        "acks", "bootstrap.servers", "broker.version.fallback", "client.id", "client.rack", "compression.type", "delivery.timeout.ms", "linger.ms",
        "max.in.flight", "metadata.broker.list", "partitioner", "retries", "sasl.kerberos.keytab", "sasl.kerberos.kinit.cmd",
        "sasl.kerberos.principal", "sasl.kerberos.service.name", "sasl.mechanism", "sasl.mechanisms", "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config", "sasl.oauthbearer.extensions", "sasl.oauthbearer.scope",
        "sasl.oauthbearer.token.endpoint.url", "sasl.password", "sasl.username", "security.protocol", "ssl.ca.location", "ssl.ca.pem",
        "ssl.certificate.location", "ssl.certificate.pem", "ssl.cipher.suites", "ssl.crl.location", "ssl.curves.list", "ssl.key.location",
        "ssl.key.password", "ssl.key.pem", "ssl.keystore.location", "ssl.keystore.password", "ssl.sigalgs.list",
    ];

    /// <summary>Why a connectors file may not set this property, or null when it may.</summary>
    public static string? Refusal(string name) => name switch
    {
        "acks" or "request.required.acks" => "it is the connector's option 'acks'; remove it from properties",
        "enable.idempotence" => "it follows from the connector's option 'acks' (on with all, off with 0 and 1); remove it",
        "delivery.report.only.error" => "fastbridge needs every delivery report to acknowledge MQTT messages; remove it",
        "transactional.id" => "fastbridge's producer is not transactional; remove it",
        "plugin.library.paths" => "fastbridge loads no plugins; remove it",
        "enable.sasl.oauthbearer.unsecure.jwt" or "sasl.oauthbearer.config" => "tokens that nobody has signed are none; write token_url, client_id and client_secret in sasl",
        "log.queue" or "enabled_events" => "fastbridge reads librdkafka's log itself; remove it",
        _ when name.StartsWith("test.mock.", StringComparison.Ordinal) || name.StartsWith("ut_", StringComparison.Ordinal)
            => "it serves librdkafka's own tests; remove it",
        _ => null,
    };

    /// <summary>The known name that is nearest to <paramref name="name"/>, or null when none is near.</summary>
    public static string? Nearest(string name)
    {
        string? best = null;
        int bestDistance = Math.Max(2, name.Length / 3) + 1;
        foreach (string known in Known())
        {
            int distance = Distance(name, known);
            if (distance < bestDistance)
                (best, bestDistance) = (known, distance);
        }

        return best;
    }

    private static string[] Known()
    {
        var names = new SortedSet<string>(WithoutDefault, StringComparer.Ordinal);
        nint conf = LibRdKafka.rd_kafka_conf_new();
        nint topicConf = LibRdKafka.rd_kafka_topic_conf_new();
        nuint count;
        byte** dump = LibRdKafka.rd_kafka_conf_dump(conf, &count);
        Add(names, dump, count);
        dump = LibRdKafka.rd_kafka_topic_conf_dump(topicConf, &count);
        Add(names, dump, count);
        LibRdKafka.rd_kafka_conf_destroy(conf);
        LibRdKafka.rd_kafka_topic_conf_destroy(topicConf);
        return names.Where(n => Refusal(n) is null && !n.EndsWith("_cb", StringComparison.Ordinal)).ToArray();
    }

    private static void Add(SortedSet<string> names, byte** dump, nuint count)
    {
        for (nuint i = 0; i + 1 < count; i += 2)
            names.Add(LibRdKafka.Text(dump[i]));
        LibRdKafka.rd_kafka_conf_dump_free(dump, count);
    }

    // Levenshtein's distance, two rows.
    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)], current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substituted, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
