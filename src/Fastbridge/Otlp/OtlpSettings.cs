using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Cli;

namespace Fastbridge.Otlp;

/// <summary>Where telemetry goes, from OpenTelemetry's standard environment variables. An endpoint turns it on; without one nothing runs.</summary>
internal sealed record OtlpSettings
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Null: metrics are not sent.</summary>
    public Uri? Metrics { get; private init; }

    /// <summary>Null: logs are not sent.</summary>
    public Uri? Logs { get; private init; }

    /// <summary>Of every request; values may be secrets and are never shown.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>Who sends: service.name first.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Resource { get; private init; } = [];

    /// <summary>Between two exports of metrics. Default 60 s, the specification's.</summary>
    public TimeSpan Interval { get; private init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two exports of logs, where there are any. Default 1 s, the specification's.</summary>
    public TimeSpan LogDelay { get; private init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of one request. Default 10 s, the specification's.</summary>
    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(10);

    /// <param name="variable">The environment.</param>
    /// <returns>Null: not wanted.</returns>
    /// <exception cref="SettingsException">A variable that cannot be followed; one line with the remedy.</exception>
    public static OtlpSettings? Read(Func<string, string?> variable)
    {
        if (string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
            return null;
        Uri? metrics = Target("METRICS", "v1/metrics"), logs = Target("LOGS", "v1/logs");
        if (metrics is null && logs is null)
            return null;
        if (Value("OTEL_EXPORTER_OTLP_PROTOCOL") is { } protocol and not "http/protobuf")
            throw new SettingsException($"OTEL_EXPORTER_OTLP_PROTOCOL: \"{protocol}\" is not spoken here; use http/protobuf, which collectors take on port 4318");
        ImmutableArray<KeyValuePair<string, string>> given = Pairs("OTEL_RESOURCE_ATTRIBUTES");
        return new OtlpSettings
        {
            Metrics = metrics,
            Logs = logs,
            Headers = Pairs("OTEL_EXPORTER_OTLP_HEADERS"),
            Resource = ResourceOf(Value("OTEL_SERVICE_NAME"), given),
            Interval = Milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 60_000),
            LogDelay = Milliseconds("OTEL_BLRP_SCHEDULE_DELAY", 1_000),
            Timeout = Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000),
        };

        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

        Uri? Target(string signal, string path)
        {
            if (Value($"OTEL_{signal}_EXPORTER") is "none")
                return null;
            string own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
            if (Value(own) is { } whole)
                return Address(own, whole);
            return Value(Endpoint) is { } below ? new Uri(Address(Endpoint, below.TrimEnd('/') + "/"), path) : null;
        }

        TimeSpan Milliseconds(string name, int standard)
        {
            if (Value(name) is not { } text)
                return TimeSpan.FromMilliseconds(standard);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 100 and <= 86_400_000
                ? TimeSpan.FromMilliseconds(number)
                : throw new SettingsException($"{name}: \"{text}\" is not a number of milliseconds from 100 to 86400000");
        }

        ImmutableArray<KeyValuePair<string, string>> Pairs(string name)
        {
            ImmutableArray<KeyValuePair<string, string>>.Builder pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
            foreach (string one in (Value(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                int equals = one.IndexOf('=');
                string key = equals > 0 ? one[..equals].Trim() : "", value = Uri.UnescapeDataString(one[(equals + 1)..].Trim());
                if (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~') || value.AsSpan().ContainsAny('\r', '\n'))
                    throw new SettingsException($"{name}: its element {pairs.Count + 1} is not of the form key=value; write key=value,key=value and reserved characters as %XX"); // The value may be a secret.
                pairs.Add(new(key, value));
            }

            return pairs.ToImmutable();
        }
    }

    private static Uri Address(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new SettingsException($"{name} is not an http:// or https:// URL without a user in it; write such as http://127.0.0.1:4318, and credentials into OTEL_EXPORTER_OTLP_HEADERS");

    private static ImmutableArray<KeyValuePair<string, string>> ResourceOf(string? service, ImmutableArray<KeyValuePair<string, string>> given)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["service.name"] = "fastbridge", ["service.version"] = Cli.Version.Text, ["host.name"] = Environment.MachineName };
        foreach ((string key, string value) in given)
            all[key] = value;
        if (service is not null)
            all["service.name"] = service;
        return [.. all];
    }
}
