namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>Files of every shape, notation and style, with comments and unknown forms around the connector <c>b</c>, or the one that they have.</summary>
internal static class Samples
{
    public static readonly IReadOnlyList<(string Name, string File, string Text)> All =
    [
        ("json object, comments, trailing commas", "c.json", """
            // the plant's gateway
            {
              "mqtt": { "server": "mqtt://h:1883" }, /* one broker */
              "connectors": [
                // first
                {
                    "connector_name": "a", "topic_id": "a/#",
                    "config": {"bootstrap_servers": "k:9092", "topic": "a"},
                },
                // second
                {
                    "topic_name": "b/#", // its filter
                    "connector_name": "b",
                    "config": {
                      "bootstrap_servers": "k:9092", // three of them
                      "topic": "b", "linger_ms": 5 /* slow */
                    }
                }, // end of b
                // third
                {"connector_name": "c", "topic_id": ["c/1", "c/2"], "config": "${env:KAFKA}"}, // end of c
              ],
              "state_dir": "s"
            }

            """),
        ("json list, crlf, tabs, config as text", "c.json", "\uFEFF[\r\n\t{\r\n\t\t\"connector_name\": \"a\",\r\n\t\t\"topic_id\": \"a\",\r\n\t\t\"config\": \"{\\\"bootstrap_servers\\\": \\\"k:1\\\", \\\"topic\\\": \\\"a\\\"}\"\r\n\t},\r\n\t{\r\n\t\t\"connector_name\": \"b\",\r\n\t\t\"topic_id\": \"b\",\r\n\t\t\"status\": \"Idle\",\r\n\t\t\"config\": \"{\\\"bootstrap_servers\\\": \\\"k:1\\\",  \\\"topic\\\": \\\"b\\\"}\",\r\n\t\t\"create_time\": \"2022-01-01 00:00:00\",\r\n\t\t\"update_time\": \"2022-01-01 00:00:00\"\r\n\t}\r\n]"),
        ("json one record", "c.json", """
            // only this
            {
              "cluster_name": "default",
              "connector_name": "b",
              "connector_type": "Kafka",
              "config": "{\"bootstrap_servers\": \"localhost:9092\", \"topic\": \"mqtt_messages\", \"key\": \"sensor_data\"}",
              "topic_id": "sensor/data",
              "status": "Idle",
              "broker_id": null,
              "create_time": 1640995200,
              "update_time": 1640995200
            }
            // end

            """),
        ("json on one line", "c.json", """{"connectors": [{"connector_name": "a", "topic_id": "a", "config": {"bootstrap_servers": "k:1", "topic": "a"}}, {"connector_name": "b", "topic_id": "b", "config": {"Kafka": {"bootstrap_servers": "k:1", "topic": "b"}}}]}"""),
        ("json without connectors", "c.json", "{\n  \"mqtt\": {\"server\": \"h\"} // all\n}\n"),
        ("yaml object", "c.yaml", """
            # the plant's gateway
            mqtt:
              server: mqtt://h:1883   # one broker
            connectors:
              # first
              - connector_name: a
                topic_id: a/#
                config: {bootstrap_servers: "k:9092", topic: a}
              # second
              - topic_name: b/#   # its filter
                connector_name: b
                config:
                  bootstrap_servers: k:9092   # three of them
                  topic: b
                  linger_ms: 5   # slow
                # still b

              # third
              - connector_name: c
                topic_id:
                - c/1
                - c/2
                config: ${env:KAFKA}
            # end
            state_dir: s

            """),
        ("yaml list, crlf, config as text", "c.yml", "---\r\n- connector_name: a\r\n  topic_id: a\r\n  config: '{\"bootstrap_servers\": \"k:1\", \"topic\": \"a\"}'\r\n- connector_name: b\r\n  config: |\r\n    {\"bootstrap_servers\": \"k:1\",\r\n     \"topic\": \"b\"}\r\n  topic_id: b # grün 🌡\r\n  create_time: 2022-01-01 00:00:00\r\n  update_time: 2022-01-01 00:00:00\r\n...\r\n"),
        ("yaml one record", "c.yaml", """
            # only this
            connector_name: b
            config:
              bootstrap_servers: localhost:9092

              topic: t
            topic_id: |
              sensor/data
            status: Idle
            # end
            """.Replace("topic_id: |\n  sensor/data", "topic_id: >-\n  sensor/data", StringComparison.Ordinal)),
        ("yaml in flow style", "c.yaml", "connectors: [\n  {connector_name: a, topic_id: a, config: {bootstrap_servers: 'k:1', topic: a}}, # first\n  {connector_name: b, topic_id: b, config: {bootstrap_servers: 'k:1', topic: b}} # second\n]\n"),
        ("yaml with aliases", "c.yaml", """
            connectors:
              - &base
                connector_name: a
                topic_id: a
                config: &kafka {bootstrap_servers: "k:1", topic: t}
              - <<: *base
                connector_name: b
                config: *kafka

            """),
    ];
}
