namespace Fastbridge.Tests.Support;

/// <summary>
/// A real Kafka with more than a plain listener: TLS, SASL, SASL over TLS, ACLs, as the start script's options say (<c>--tls --sasl --acl</c>). The
/// users are the script's: alice with alice-secret, bob with bob-secret. On the plain listener everybody may do everything.
/// </summary>
public sealed class SecureKafka : IAsyncDisposable
{
    private readonly int _tls = Ports.Free();
    private readonly int _sasl = Ports.Free();
    private readonly int _saslTls = Ports.Free();

    private SecureKafka()
    {
    }

    public RealKafka Server { get; private set; } = null!;

    /// <summary>host:port of the plain listener.</summary>
    public string Bootstrap => Server.Bootstrap;

    /// <summary>With <c>--tls</c>. By name, as the broker's certificate has it; the broker itself tells 127.0.0.1.</summary>
    public string Tls => $"localhost:{_tls}";

    /// <summary>With <c>--sasl</c>.</summary>
    public string Sasl => $"127.0.0.1:{_sasl}";

    /// <summary>With <c>--tls --sasl</c>.</summary>
    public string SaslTls => $"localhost:{_saslTls}";

    /// <summary>Its certificate with key, and the authority, as Kafka reads it at its start.</summary>
    public string KeyStore => Path.Combine(Server.Folder, "tls", "broker-store.pem");

    public static async Task<SecureKafka> StartAsync(params string[] options)
    {
        var kafka = new SecureKafka();
        bool tls = options.Contains("--tls"), sasl = options.Contains("--sasl");
        kafka.Server = await RealKafka.StartAsync((port, controller) =>
        {
            var open = new List<string> { $"PLAINTEXT://127.0.0.1:{port}" };
            if (tls) open.Add($"TLS://127.0.0.1:{kafka._tls}");
            if (sasl) open.Add($"SASL://127.0.0.1:{kafka._sasl}");
            if (tls && sasl) open.Add($"SASLTLS://127.0.0.1:{kafka._saslTls}");
            string all = string.Join(',', open);
            return [.. options, $"listeners={all},CONTROLLER://127.0.0.1:{controller}", $"advertised.listeners={all}"];
        });
        return kafka;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
