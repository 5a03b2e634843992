using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Every kind of secret there is, each in use, and all that the program says while it has them: none is in it.</summary>
public class SecretTests(Lab lab) : EndToEndTest(lab)
{
    private const string MqttPassword = "mqtt-s3cr3t-4711";
    private const string SaslPassword = "sasl-s3cr3t-4712";
    private const string AdminToken = "token-s3cr3t-4713-abc";
    private const string ClientKeyPassword = "client-key-s3cr3t-4714";
    private const string AdminKeyPassword = "admin-key-s3cr3t-4715";
    private const string Header = "header-s3cr3t-4716";
    private const string ProxyPassword = "proxy-s3cr3t-4717";
    private const string KafkaKeyPassword = "kafka-key-s3cr3t-4718";
    private const string CollectorHeader = "collector-s3cr3t-4719";

    private static readonly string[] Secrets =
        [MqttPassword, SaslPassword, AdminToken, ClientKeyPassword, AdminKeyPassword, Header, ProxyPassword, KafkaKeyPassword, CollectorHeader];

    private readonly StringBuilder _said = new();
    private readonly Certificates _certificates = new();

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task no_secret_is_in_any_log_command_answer_metric_status_or_dead_letter()
    {
        string kafka = await Lab.KafkaAsync();
        string passwords = Folder.Write("passwords", $"gateway:{MqttPassword}\n");
        (int made, _, string trouble) = await ChildProcess.RunAsync("mosquitto_passwd", ["-U", passwords]);
        Assert.True(made == 0, trouble);
        int port = Ports.Free();
        Mosquitto broker = await MosquittoAsync(new MosquittoOptions
        {
            Extra = $"listener {port} 127.0.0.1\nprotocol websockets\ncafile {_certificates.CaFile}\ncertfile {_certificates.ServerCertFile}\nkeyfile {_certificates.ServerKeyFile}\nrequire_certificate true\npassword_file {passwords}",
        });
        await using var proxy = new ProxyServer(port) { Credentials = ("gateway", ProxyPassword) };
        string file = Connectors(broker, port, proxy, kafka);
        Folder.Write("sasl", SaslPassword + "\n");
        var environment = new Dictionary<string, string?>
        {
            ["FASTBRIDGE_ADMIN_TOKEN"] = AdminToken,
            ["TEST_MQTT_PASSWORD"] = MqttPassword,
            ["TEST_PROXY"] = $"socks5h://gateway:{ProxyPassword}@127.0.0.1:{proxy.Port}",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{Ports.Free()}",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-key={CollectorHeader}",
            ["SSL_CERT_FILE"] = _certificates.CaFile,
        };
        int admin = Ports.Free();
        BridgeProcess bridge = Own(BridgeProcess.Start(file, environment, "--log-level", "debug", "--admin", $"127.0.0.1:{admin}",
            "--admin-cert-file", _certificates.ServerCertFile, "--admin-key-file", _certificates.EncryptServerKey(AdminKeyPassword), "--admin-key-password-file", Folder.Write("admin-key-password", AdminKeyPassword)));
        await bridge.WaitForSubscriptionAsync(Name);
        await bridge.WaitForAsync("sasl", "Kafka:");
        await bridge.WaitForAsync("refused", "cannot connect");
        // Of a topic that Kafka cannot have: a dead letter.
        string illegal = new('x', 260);
        await CommandAsync(0, "mqtt", "publish", "--server", broker.Url, "--username", "gateway", "--password", "${env:TEST_MQTT_PASSWORD}", "--topic", illegal, "--message", "to a topic that is none", "--qos", "1");
        await bridge.WaitForAsync(Name, "dead");

        await AskAsync(admin);
        string server = $"https://localhost:{admin}";
        foreach (string[] place in (string[][])[["--file", file], ["--server", server, "--ca-file", _certificates.CaFile], ["--server", server]])
        {
            foreach (string form in (string[])["table", "json"])
            {
                await CommandAsync(null, ["mqtt", "connector", "list", .. place, "--output", form]);
                await CommandAsync(null, ["mqtt", "connector", "show", "--connector-name", "sasl", .. place, "--output", form]);
            }
        }

        await CommandAsync(0, "mqtt", "connector", "update", "--connector-name", "sasl", "--topic-id", "b", "--server", server, "--ca-file", _certificates.CaFile);
        await CommandAsync(1, "check", "--config", file, "--timeout", "5");
        await CommandAsync(1, "check", "--config", file, "--timeout", "5", "--output", "json");
        await CommandAsync(0, "dlq", "list", "--config", file, "--output", "json");
        await CommandAsync(0, "dlq", "list", "--config", file);
        await CommandAsync(0, "buffer", "show", "--config", file);
        await CommandAsync(0, "mqtt", "subscribe", "--server", broker.Url, "--username", "gateway", "--password", MqttPassword, "--topic", "gateway/status", "--count", "1");
        // Faults all over the file.
        string broken = Folder.Write("broken.json", (await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("\"connector_type\": \"Kafka\"", "\"connector_type\": \"Kafkas\"", StringComparison.Ordinal).Replace("sasl.mechanism", "sasl.mechanisn", StringComparison.Ordinal));
        await CommandAsync(2, "check", "--config", broken);
        await CommandAsync(2, "run", "--config", broken, "--no-admin");
        await EndAsync(bridge);
        _said.Append(bridge.Log.Text).Append(bridge.Process.Output.Text);
        foreach (string path in Directory.EnumerateFiles(StateDir, "*", SearchOption.AllDirectories)) _said.Append(await System.IO.File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));

        string said = _said.ToString();
        // That it was there to be told: debug lines, masks, the dead letter, the status.
        Assert.All((string[])["CONNECT sent", "******", illegal, "gateway/status", "fastbridge_build_info", "\"openapi\""], w => Assert.Contains(w, said, StringComparison.Ordinal));
        foreach (string secret in Secrets)
        {
            string[] forms = [secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret))];
            foreach (string form in forms)
            {
                int at = said.IndexOf(form, StringComparison.OrdinalIgnoreCase);
                Assert.True(at < 0, $"{secret} stands in: {said[Math.Max(0, at - 200)..Math.Min(said.Length, Math.Max(0, at) + 60)]}");
            }
        }

        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"gateway:{ProxyPassword}")), said, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", said, StringComparison.Ordinal);

        async Task CommandAsync(int? code, params string[] arguments)
        {
            (int left, string output, string error) = await ChildProcess.RunAsync(TestTools.RequireExecutable(), arguments, environment);
            _said.Append(output).Append(error);
            Assert.True(code is null || left == code, $"{string.Join(' ', arguments)} left with {left}: {error}{output}");
        }
    }

    private string Connectors(Mosquitto broker, int port, ProxyServer proxy, string kafka)
    {
        var file = new BridgeFile($"wss://localhost:{port}/mqtt");
        file.Mqtt["username"] = "gateway";
        file.Mqtt["password"] = "${env:TEST_MQTT_PASSWORD}";
        file.Mqtt["headers"] = new JsonObject { ["X-Key"] = Header };
        file.Mqtt["proxy"] = "${env:TEST_PROXY}";
        file.Mqtt["tls"] = new JsonObject { ["ca_file"] = _certificates.CaFile, ["cert_file"] = _certificates.ClientCertFile, ["key_file"] = _certificates.EncryptClientKey(ClientKeyPassword), ["key_password"] = ClientKeyPassword };
        file.Add(Name, "#", kafka, "${topic}")
            .Add("sasl", "a", $"127.0.0.1:{Ports.Free()}", "t", (_, k) => k["properties"] = new JsonObject
            {
                ["security.protocol"] = "SASL_PLAINTEXT",
                ["sasl.mechanism"] = "PLAIN",
                ["sasl.username"] = "u",
                ["sasl.password"] = "${file:sasl}",
                ["debug"] = "all",
            })
            .Add("tls", "a", $"127.0.0.1:{Ports.Free()}", "t", (_, k) => k["properties"] = new JsonObject
            {
                ["security.protocol"] = "SSL",
                ["ssl.certificate.location"] = _certificates.ClientCertFile,
                ["ssl.key.location"] = _certificates.EncryptClientKey(KafkaKeyPassword),
                ["ssl.key.password"] = KafkaKeyPassword,
            })
            .Add("refused", "a", kafka, "t", (c, _) => c["mqtt"] = new JsonObject { ["password"] = MqttPassword + "-wrong", ["client_id"] = "refused-" + Environment.ProcessId })
            .Add("plain", "a", kafka, "t", (c, _) => c["mqtt"] = new JsonObject { ["server"] = broker.Url, ["proxy"] = $"http://gateway:{ProxyPassword}@127.0.0.1:{proxy.Port}" });
        JsonNode root = JsonNode.Parse(System.IO.File.ReadAllText(file.Write(Folder)))!;
        root["status_topic"] = "gateway/status";
        return Folder.Write("connectors.json", root.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    /// <summary>Every GET of the API, with the token, without one and with a wrong one; errors among them.</summary>
    private async Task AskAsync(int admin)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(_certificates.CaFile);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = policy } }) { BaseAddress = new Uri($"https://localhost:{admin}") };
        foreach (string? token in (string?[])[null, "wrong-0123456789-wrong", AdminToken])
        {
            http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            foreach (string path in (string[])["/", "/openapi.json", "/metrics", "/health/live", "/health/ready?connectors=all", "/api/cluster/connector/list", "/api/cluster/connector/list?limit=x",
                "/api/cluster/connector/status", "/api/cluster/connector/detail?connector_name=sasl", "/api/cluster/connector/detail?connector_name=main", "/api/cluster/connector/history?connector_name=main", "/api/cluster/connector/records?connector_name=main"])
            {
                using HttpResponseMessage answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
                _said.Append(answer.Headers).Append(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
        }
    }
}
