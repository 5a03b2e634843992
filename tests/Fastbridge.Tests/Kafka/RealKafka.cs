using System.Diagnostics;
using System.Text.Json;

namespace Fastbridge.Tests.Kafka;

/// <summary>
/// A real Apache Kafka for a test class: at FASTBRIDGE_TEST_KAFKA, or started from kafka/kafka in the folder FASTBRIDGE_TEST_TOOLS. With neither,
/// the tests are skipped and say so.
/// </summary>
public sealed class RealKafka : IAsyncLifetime
{
    private string? _tool;
    private string? _folder;
    private string? _address;

    /// <summary>host:port; skips the test where there is no Kafka.</summary>
    public string BootstrapServers
    {
        get
        {
            if (_address is null)
                Assert.Skip("no real Kafka: set FASTBRIDGE_TEST_TOOLS to a folder with kafka/kafka, or FASTBRIDGE_TEST_KAFKA to an address");
            return _address;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _address = Environment.GetEnvironmentVariable("FASTBRIDGE_TEST_KAFKA");
        string? tools = Environment.GetEnvironmentVariable("FASTBRIDGE_TEST_TOOLS");
        if (_address is not null || tools is null || !File.Exists(_tool = Path.Combine(tools, "kafka", "kafka")))
            return;

        _folder = Directory.CreateTempSubdirectory("fastbridge-kafka-").FullName;
        string json = await Run("start", _folder, "num.partitions=4");
        using JsonDocument addresses = JsonDocument.Parse(json);
        _address = addresses.RootElement.GetProperty("bootstrap").GetString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
            return;
        await Run("stop", _folder, "--kill");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> Run(params string[] arguments)
    {
        // Through files: the broker inherits the pipes and would keep them open.
        string output = Path.GetTempFileName();
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > \"$0\" 2>&1", output, _tool!, .. arguments]))!;
        await process.WaitForExitAsync();
        string text = await File.ReadAllTextAsync(output);
        File.Delete(output);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"kafka {arguments[0]} failed: {text}");
    }
}
