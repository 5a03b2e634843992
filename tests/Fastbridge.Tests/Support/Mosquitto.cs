namespace Fastbridge.Tests.Support;

/// <summary>What a <see cref="Mosquitto"/> is to be. Limits that are null are mosquitto's own defaults.</summary>
public sealed record MosquittoOptions
{
    /// <summary>As installed: 20 messages in flight to a client, 1000 queued, nothing kept across a restart. What users have.</summary>
    public static MosquittoOptions AsInstalled { get; } = new();

    /// <summary>Queues without end and keeps sessions on disk, so that what is lost was not lost by the broker.</summary>
    public static MosquittoOptions Keeping { get; } = new() { Persistence = true, MaxQueued = 0, MaxInflight = 0 };

    /// <summary>Sessions survive SIGTERM and start. After kill -9 only what the last autosave held is there.</summary>
    public bool Persistence { get; init; }

    /// <summary>max_queued_messages; 0: no limit; null: 1000.</summary>
    public int? MaxQueued { get; init; }

    /// <summary>max_inflight_messages; 0: no limit; null: 20.</summary>
    public int? MaxInflight { get; init; }

    /// <summary>Where set, there is a second listener, which speaks TLS with this authority's certificate.</summary>
    public Certificates? Tls { get; init; }

    /// <summary>With <see cref="Tls"/>: a client certificate is demanded.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>More lines for the configuration file.</summary>
    public string Extra { get; init; } = "";
}

/// <summary>A mosquitto on loopback with its own folder. Stop and start keep port and data.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private readonly MosquittoOptions _options;
    private readonly string _binary = TestTools.RequireMosquitto();
    private readonly TempFolder _folder = new("mosquitto");
    private ChildProcess? _process;
    private int _tlsPort;

    private Mosquitto(MosquittoOptions options) => _options = options;

    /// <summary>Fixed at the first start.</summary>
    public int Port { get; private set; }

    public string Url => $"mqtt://127.0.0.1:{Port}";

    /// <summary>Where <see cref="MosquittoOptions.Tls"/> is set. The name is the certificate's.</summary>
    public string TlsUrl => $"mqtts://localhost:{_tlsPort}";

    /// <summary>The running process.</summary>
    public ChildProcess Process => _process ?? throw new InvalidOperationException("mosquitto is stopped");

    /// <summary>What mosquitto logs (notices, warnings, errors), of the running process.</summary>
    public LineLog Log => Process.Error;

    public static async Task<Mosquitto> StartAsync(MosquittoOptions? options = null)
    {
        var broker = new Mosquitto(options ?? MosquittoOptions.Keeping);
        try
        {
            await broker.StartAgainAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts (again) on the same port and data; returns when it listens.</summary>
    public async Task StartAgainAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            bool first = Port == 0;
            if (first) (Port, _tlsPort) = (Ports.Free(), Ports.Free());
            _process = ChildProcess.Start(_binary, ["-c", _folder.Write("mosquitto.conf", Configuration())]);
            try
            {
                await _process.Error.WaitForAsync(["mosquitto version", "running"]);
                return;
            }
            catch (InvalidOperationException) when (attempt < 5 && _process.Error.Text.Contains("Address already in use", StringComparison.Ordinal))
            {
                await _process.DisposeAsync();
                if (first) Port = 0;
            }
        }
    }

    /// <summary>SIGTERM and wait: with persistence the sessions are saved.</summary>
    public Task StopAsync() => EndAsync(UnixSignal.Terminate);

    /// <summary>kill -9: what was not saved is gone.</summary>
    public Task KillAsync() => EndAsync(UnixSignal.Kill);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task EndAsync(UnixSignal signal)
    {
        await using ChildProcess process = Process;
        _process = null;
        process.Signal(signal);
        await process.WaitForExitAsync();
    }

    private string Configuration()
    {
        var lines = new List<string>
        {
            // Before the listener, what is said is global. Started by root, mosquitto would become a user who may not write our folder.
            Environment.UserName == "root" ? "user root" : "",
            "log_dest stderr", "log_type error", "log_type warning", "log_type notice", "log_type information",
            "sys_interval 0",
            $"persistence {(_options.Persistence ? "true" : "false")}",
            $"persistence_location {_folder.Path}/",
            _options.MaxQueued is { } queued ? $"max_queued_messages {queued}" : "",
            _options.MaxInflight is { } inflight ? $"max_inflight_messages {inflight}" : "",
            $"listener {Port} 127.0.0.1", "allow_anonymous true",
        };
        if (_options.Tls is { } tls)
        {
            lines.AddRange([$"listener {_tlsPort} 127.0.0.1", $"cafile {tls.CaFile}", $"certfile {tls.ServerCertFile}", $"keyfile {tls.ServerKeyFile}"]);
            if (_options.RequireClientCertificate) lines.Add("require_certificate true");
        }

        lines.Add(_options.Extra);
        return string.Join('\n', lines.Where(l => l.Length > 0)) + "\n";
    }
}
