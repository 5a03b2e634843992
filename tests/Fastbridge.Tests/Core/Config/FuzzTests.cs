using System.Text;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

/// <summary>Whatever a file holds, loading it ends with a configuration or with faults of one line, and shows no secret.</summary>
public sealed class FuzzTests
{
    private const string Valid = """
        {
          // all that a file may hold
          "mqtt": { "server": "mqtts://h:1883", "protocol_version": "5.0", "client_id": "g-17", "username": "u", "password": "hunter2", "qos": 1, "keep_alive": 60,
            "clean_start": false, "session_expiry_interval": 604800, "receive_maximum": 10000, "topic_alias_maximum": 5, "connect_timeout": 2.5, "retain_handling": 1,
            "will": { "topic": "w", "payload": "gone", "qos": 1, "retain": true, "delay_interval": 3 }, "tls": { "server_name": "x", "insecure": false, "key_password": "hunter2" } },
          "state_dir": "state",
          "connectors": [
            { "cluster_name": "default", "connector_name": "kafka_01", "connector_type": "Kafka", "config":
              "{\"bootstrap_servers\": \"a:9092,[::1]:9093\", \"topic\": \"m.${topic[0]}\", \"key\": \"k\", \"acks\": \"all\", \"properties\": {\"sasl.password\": \"hunter2\"}}",
              "topic_id": "s/+/#", "status": "Idle", "broker_id": null, "create_time": 1640995200, "update_time": "2022-01-01 00:00:00" },
            { "connector_name": "b", "topic_id": ["$share/g/x", "grün/🌡"], "config": { "Kafka": { "bootstrap_servers": "k:1", "topic": "t", "linger_ms": 5, "properties": { "ssl.key.pem": "hunter2" } } },
              "mqtt": { "keep_alive": null, "password": "hunter2" }, "qos": 0, "headers": { "h": "${user_property.x}" }, "client_id": "${topic[1]}", "max_inflight_bytes": 1000000, },
          ],
        }
        """;

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "-1", "1e999", "9223372036854775808", "0.5", "${", "${env:", "${file:/", "$share/", "#", "+", "//", "/*", "\0", "\n", "\uFEFF", "é", "[[[[", "\"a\":", "@", "::", "mqtt://", "\"\""];

    [Fact]
    public void The_file_is_valid() => Assert.Equal([], Files.Parse(Valid).Faults);

    [Fact]
    public void Mutations_never_throw_and_never_show_a_secret()
    {
        var random = new Random(20_261_121);
        byte[] valid = Encoding.UTF8.GetBytes(Valid);
        int rejected = 0;
        for (int i = 0; i < 2_000; i++)
        {
            List<byte> bytes = [.. valid];
            for (int edits = random.Next(1, 5); edits > 0 && bytes.Count > 0; edits--)
                Mutate(bytes, random);
            LoadResult result = ConnectorsFile.Parse(bytes.ToArray(), "/nowhere/c.json", Files.Machine);
            Assert.Equal(result.Config is null, result.Faults.Length > 0);
            rejected += result.Faults.Length > 0 ? 1 : 0;
            foreach (string line in result.Faults.Select(f => f.ToString()).Concat(result.Warnings))
            {
                Assert.False(line.AsSpan().ContainsAnyInRange('\0', '\u001f'), line);
                Assert.StartsWith("/nowhere/c.json", line, StringComparison.Ordinal);
            }
        }

        Assert.InRange(rejected, 500, 2_000);
    }

    /// <summary>Changes of structure around the secrets, not of the names that mark them: those stay hidden whatever else breaks.</summary>
    [Fact]
    public void Faults_around_secrets_do_not_show_them()
    {
        foreach (string wrong in (string[])["[\"hunter2\"]", "{\"hunter2\": 1}", "\"hunter2\\u0000\"", "\"hunter2${env:NONESUCH}\"", "\"${file:/none}hunter2\"", "\"hunter2 ${env:\""])
        {
            string json = Valid.Replace("\"hunter2\"", wrong, StringComparison.Ordinal);
            LoadResult result = Files.Parse(json);
            Assert.NotEmpty(result.Faults);
            Assert.All(result.Faults, f => Assert.DoesNotContain("hunter2", f.ToString(), StringComparison.Ordinal));
        }
    }

    private static void Mutate(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count);
        int length = Math.Min(random.Next(1, 40), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                break;
        }
    }
}
