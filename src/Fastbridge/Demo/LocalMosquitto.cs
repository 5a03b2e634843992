using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Demo;

/// <summary>A mosquitto of the demo's own: a free port on loopback, a folder of its own, gone at the end.</summary>
internal sealed class LocalMosquitto : IAsyncDisposable
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/sbin", "/snap/bin"];

    private readonly Process _process;
    private readonly Task<string> _errors;

    private LocalMosquitto(Process process, int port)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Port = port;
    }

    public int Port { get; }

    /// <exception cref="DemoException">There is none, or it does not start.</exception>
    public static async Task<LocalMosquitto> StartAsync(string folder, CancellationToken stop)
    {
        string program = Find() ?? throw new DemoException("no mosquitto here; install it with: apt-get install mosquitto");
        // Another process may take the free port before mosquitto does: then another is tried.
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            string config = Path.Combine(folder, "mosquitto.conf");
            await File.WriteAllTextAsync(config, $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\nlog_type error\n", stop).ConfigureAwait(false);
            var start = new ProcessStartInfo(program, ["-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true };
            var broker = new LocalMosquitto(Process.Start(start)!, port);
            if (await broker.ListensAsync(stop).ConfigureAwait(false))
                return broker;
            string said = (await broker._errors.ConfigureAwait(false)).Trim().ReplaceLineEndings("; ");
            await broker.DisposeAsync().ConfigureAwait(false);
            if (attempt == 5)
                throw new DemoException($"{program} does not start: {said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task<bool> ListensAsync(CancellationToken stop)
    {
        while (!_process.HasExited)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port, stop).ConfigureAwait(false);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20, stop).ConfigureAwait(false);
            }
        }

        return false;
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(Folders)
            .Select(f => Path.Combine(f, OperatingSystem.IsWindows() ? "mosquitto.exe" : "mosquitto"))
            .FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
