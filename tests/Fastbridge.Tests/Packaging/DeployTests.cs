using System.Text.RegularExpressions;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Packaging;

/// <summary>What deploy/ says fits what the program is.</summary>
public sealed class DeployTests
{
    [Fact]
    public void what_the_dockerfile_copies_is_there_or_is_what_publish_writes()
    {
        string[] sources = [.. Regex.Matches(Read("deploy/docker/Dockerfile"), @"(?m)^COPY (?:--\S+ )*(\S+) \S+$").Select(m => m.Groups[1].Value)];

        Assert.Contains("artifacts/fastbridge", sources);
        Assert.All(sources, s => Assert.True(s == "artifacts/fastbridge" || File.Exists(Path.Combine(TestTools.Root, s)), s));
    }

    [Fact]
    public void kubernetes_gives_the_bridge_more_time_than_its_drain_takes()
    {
        string text = Read("deploy/kubernetes/fastbridge.yaml");

        Assert.True(Number(text, @"terminationGracePeriodSeconds: (\d+)") > Number(text, @"FASTBRIDGE_DRAIN_SECONDS, value: ""(\d+)"""));
    }

    [Fact]
    public void systemd_gives_the_bridge_more_time_than_its_drain_takes() =>
        Assert.True(Number(Read("deploy/systemd/fastbridge.service"), @"(?m)^TimeoutStopSec=(\d+)$") > Number(Read("src/Fastbridge/defaults.json"), @"""drain_seconds"": ""(\d+)"""));

    /// <summary>Tried: under it the first callback from librdkafka ends the process with OutOfMemoryException.</summary>
    [Fact]
    public void systemd_does_not_forbid_the_code_that_callbacks_need() =>
        Assert.DoesNotMatch("(?m)^MemoryDenyWriteExecute=(yes|true|on|1)", Read("deploy/systemd/fastbridge.service"));

    [Theory]
    [InlineData("deploy/kubernetes/fastbridge.yaml")]
    [InlineData("deploy/docker/Dockerfile")]
    [InlineData("packaging/deb/environment")]
    public void every_setting_that_is_named_is_one(string file)
    {
        string[] named = [.. Regex.Matches(Read(file), "FASTBRIDGE_([A-Z_]+)").Select(m => m.Groups[1].Value.ToLowerInvariant()).Distinct()];
        string defaults = Read("src/Fastbridge/defaults.json");

        Assert.Contains("admin_cert_file", named);
        Assert.All(named, n => Assert.Contains($"\n  \"{n}\": ", defaults, StringComparison.Ordinal));
    }

    /// <summary>Beyond loopback the bridge does not start without a certificate, and a probe by http would find it dead.</summary>
    [Fact]
    public void kubernetes_probes_speak_what_the_admin_api_speaks()
    {
        string text = Read("deploy/kubernetes/fastbridge.yaml");

        Assert.Equal(2, Regex.Count(text, @"httpGet: \{ path: /health/(live|ready), port: admin, scheme: HTTPS \}"));
        string folder = Regex.Match(text, "FASTBRIDGE_ADMIN_CERT_FILE, value: (/[^ }]+)/tls.crt").Groups[1].Value;
        Assert.Contains($"FASTBRIDGE_ADMIN_KEY_FILE, value: {folder}/tls.key", text, StringComparison.Ordinal);
        Assert.Contains($"{{ name: admin-tls, mountPath: {folder}, readOnly: true }}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_connectors_file_of_kubernetes_is_valid()
    {
        string text = Read("deploy/kubernetes/fastbridge.yaml");
        string block = Regex.Match(text, @"connectors\.json: \|\n((?:    .*\n)+)").Groups[1].Value;
        using var folder = new TempFolder("kubernetes");
        // Nothing listens there: the file is found valid, and the connections are what fails.
        string file = folder.Write("connectors.json", block.Replace("mosquitto:1883", $"127.0.0.1:{Ports.Free()}", StringComparison.Ordinal)
            .Replace("kafka:9092", $"127.0.0.1:{Ports.Free()}", StringComparison.Ordinal).Replace("/var/lib/fastbridge", folder.File("state"), StringComparison.Ordinal));
        var environment = new Dictionary<string, string?> { ["POD_NAME"] = "fastbridge-0", ["MQTT_PASSWORD"] = "not-a-real-one" };

        (int code, string output, string error) = await ChildProcess.RunAsync(TestTools.RequireExecutable(), ["check", "--config", file, "--timeout", "1"], environment);

        Assert.True(code == 1, $"exit code {code}\n{output}\n{error}");
        (code, _, _) = await ChildProcess.RunAsync(TestTools.RequireExecutable(), ["check", "--config", folder.Write("bad.json", block.Replace("\"connectors\"", "\"conectors\"", StringComparison.Ordinal))], environment);
        Assert.Equal(2, code);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(TestTools.Root, path));

    private static int Number(string text, string pattern) =>
        int.Parse(Regex.Match(text, pattern) is { Success: true } m ? m.Groups[1].Value : throw new InvalidOperationException($"nothing like {pattern}"), System.Globalization.CultureInfo.InvariantCulture);
}
