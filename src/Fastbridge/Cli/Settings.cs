using System.Globalization;
using Fastbridge.Admin;
using Fastbridge.Logs;
using Microsoft.Extensions.Configuration;

namespace Fastbridge.Cli;

/// <summary>
/// The process's own settings: the embedded defaults.json, over it the environment (FASTBRIDGE_CONFIG, FASTBRIDGE_LOG_LEVEL,
/// FASTBRIDGE_DRAIN_SECONDS, …), over that the command line. What is bridged stands in the connectors file, not here.
/// </summary>
internal sealed class Settings
{
    private readonly IConfigurationRoot _values;

    private Settings(IConfigurationRoot values) => _values = values;

    /// <summary>The connectors file named by the environment, or null.</summary>
    public string? ConfigFile => _values["config"] is { Length: > 0 } file ? file : null;

    /// <exception cref="SettingsException">Not one of the names.</exception>
    public LogLevels LogLevels => LogLevels.Parse(_values["log_level"]!);

    /// <summary>Log lines as JSON; else text.</summary>
    /// <exception cref="SettingsException">Not one of the names.</exception>
    public bool LogsJson => Named("log_format") switch
    {
        "text" => false,
        "json" => true,
        string other => throw new SettingsException($"--log-format (FASTBRIDGE_LOG_FORMAT): \"{other}\" is not a format; use text or json"),
    };

    /// <summary>How long a clean end may take.</summary>
    /// <exception cref="SettingsException">Not a number from 1 to 3600.</exception>
    public TimeSpan Drain => TimeSpan.FromSeconds(Number("drain_seconds", 1, 3600));

    /// <summary>The admin API; null: none is wanted.</summary>
    /// <exception cref="SettingsException">The address, the token or its file is not fit.</exception>
    public AdminOptions? Admin => _values["admin"] is { Length: > 0 } address
        ? AdminOptions.Create(address, Text("admin_token_file") is { } file ? AdminOptions.TokenFrom(file) : _values["admin_token"], AdminTls, IsTrue("admin_insecure"))
        : null;

    /// <exception cref="SettingsException">A file is not fit, or there is a key without a certificate.</exception>
    private AdminTls? AdminTls => (Text("admin_cert_file"), Text("admin_key_file"), Text("admin_key_password_file")) switch
    {
        ({ } cert, var key, var password) => Fastbridge.Admin.AdminTls.Load(cert, key, password),
        (null, null, null) => null,
        _ => throw new SettingsException("--admin-key-file and --admin-key-password-file (FASTBRIDGE_ADMIN_KEY_FILE, FASTBRIDGE_ADMIN_KEY_PASSWORD_FILE) belong to a certificate; name it with --admin-cert-file"),
    };

    public int DemoMessages => Number("demo:messages", 1, 1_000_000);

    public int DemoPartitions => Number("demo:partitions", 1, 100);

    /// <summary>The demo's devices: a name and the kinds of reading that each sends.</summary>
    public IEnumerable<(string Name, string[] Readings)> DemoFleet =>
        _values.GetSection("demo:fleet").GetChildren().Select(d => (d.Key, d.GetChildren().Select(r => r.Value!).ToArray()));

    /// <param name="overrides">From the command line, by the names in defaults.json.</param>
    public static Settings Load(params IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        using Stream defaults = typeof(Settings).Assembly.GetManifestResourceStream("defaults.json")!;
        return new Settings(new ConfigurationBuilder()
            .AddJsonStream(defaults)
            .AddEnvironmentVariables("FASTBRIDGE_")
            .AddInMemoryCollection(overrides.Where(o => o.Value is not null))
            .Build());
    }

    private string? Text(string name) => _values[name] is { Length: > 0 } text ? text : null;

    private bool IsTrue(string name) => Named(name) switch
    {
        "" or "false" => false,
        "true" => true,
        string other => throw new SettingsException($"FASTBRIDGE_{name.ToUpperInvariant()}: \"{other}\" is neither true nor false"),
    };

    private string Named(string name) => _values[name]!.ToLowerInvariant();

    private int Number(string name, int least, int most) =>
        int.TryParse(_values[name], NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least && n <= most
            ? n
            : throw new SettingsException($"FASTBRIDGE_{name.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal)}: \"{_values[name]}\" is not a number from {least} to {most}");
}

/// <summary>A setting of the process itself is wrong; one line with the remedy.</summary>
internal sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);
