using System.Globalization;

namespace Fastbridge.Tests.Support;

/// <summary>A real Apache Kafka of the test's own, one node on loopback. Stop, kill and start keep ports and data.</summary>
public sealed class RealKafka : IAsyncDisposable
{
    private readonly string _script = TestTools.RequireKafkaScript();
    private readonly TempFolder _folder = new("kafka");
    private string[] _start = [];

    private RealKafka() => Reaper.AddServer(_folder.Path);

    /// <summary>host:port of the plain listener.</summary>
    public string Bootstrap { get; private set; } = "";

    /// <summary>Holds data, log, and with <c>--tls</c> the certificates in <c>tls/</c>.</summary>
    public string Folder => _folder.Path;

    /// <param name="properties">Broker properties, NAME=VALUE: <c>message.max.bytes=20000</c>.</param>
    public static Task<RealKafka> StartAsync(params string[] properties) => StartAsync((_, _) => properties);

    /// <param name="properties">
    /// From the ports of the plain listener and of the controller: broker properties, and the script's options. Asked again for each attempt.
    /// </param>
    public static async Task<RealKafka> StartAsync(Func<int, int, string[]> properties)
    {
        var kafka = new RealKafka();
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                int port = Ports.Free(), controller = Ports.Free();
                kafka.Bootstrap = $"127.0.0.1:{port}";
                kafka._start =
                [
                    "start", kafka._folder.Path, "--port", port.ToString(CultureInfo.InvariantCulture),
                    // The script would take a port of the range for outgoing connections, which may be gone when Kafka comes back to it.
                    $"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
                    $"controller.quorum.bootstrap.servers=127.0.0.1:{controller}",
                    .. properties(port, controller),
                ];
                try
                {
                    await kafka.StartAgainAsync();
                    return kafka;
                }
                catch (InvalidOperationException e) when (attempt < 3 && e.Message.Contains("already in use", StringComparison.OrdinalIgnoreCase))
                {
                    // Somebody else took a port; what was formatted for it must go.
                    foreach (string path in Directory.GetFileSystemEntries(kafka._folder.Path))
                    {
                        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
                        else File.Delete(path);
                    }
                }
            }
        }
        catch
        {
            await kafka.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts (again) with the data kept; returns when the broker answers.</summary>
    public Task StartAgainAsync() => RunAsync(_start);

    /// <summary>SIGTERM and wait.</summary>
    public Task StopAsync() => RunAsync("stop", _folder.Path);

    /// <summary>kill -9: nothing that Kafka acknowledged is lost, for the kernel still has it.</summary>
    public Task KillAsync() => RunAsync("stop", _folder.Path, "--kill");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private async Task RunAsync(params string[] arguments)
    {
        (int code, _, string error) = await ChildProcess.RunAsync(_script, arguments, guard: 2 * TestTools.Guard);
        if (code != 0) throw new InvalidOperationException($"kafka {arguments[0]} failed with {code}: {error}");
    }
}
