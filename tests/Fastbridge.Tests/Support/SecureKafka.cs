namespace Fastbridge.Tests.Support;

/// <summary>
/// A real Kafka with more than a plain listener: TLS, or SASL, or ACLs, as the start script's options say (<c>--tls</c>, <c>--sasl</c>, <c>--acl</c>). The
/// users are the script's: alice with alice-secret, bob with bob-secret. On the plain listener everybody may do everything.
/// </summary>
public sealed class SecureKafka : IAsyncDisposable
{
    private int _sasl;

    private SecureKafka()
    {
    }

    public RealKafka Server { get; private set; } = null!;

    /// <summary>host:port of the plain listener.</summary>
    public string Bootstrap => Server.Bootstrap;

    /// <summary>With <c>--tls</c>, on 127.0.0.1, which is also what the broker tells its clients.</summary>
    public int TlsPort { get; private set; }

    /// <summary>With <c>--sasl</c>.</summary>
    public string Sasl => $"127.0.0.1:{_sasl}";

    /// <summary>Its certificate with key, and the authority, as Kafka reads it at its start.</summary>
    public string KeyStore => Path.Combine(Server.Folder, "tls", "broker-store.pem");

    /// <summary>With both; SCRAM-SHA-256 is not enabled there.</summary>
    public string SaslTls { get; private set; } = "";

    /// <summary>With <c>--tls</c>: a client must show a certificate.</summary>
    public string MutualTls { get; private set; } = "";

    /// <summary>With <c>--tls</c>: a file of the script's, such as ca.pem and client.key.</summary>
    public string TlsFile(string name) => Path.Combine(Server.Folder, "tls", name);

    /// <param name="options">The script's, and broker properties.</param>
    public static async Task<SecureKafka> StartAsync(params string[] options)
    {
        var kafka = new SecureKafka();
        bool tls = options.Contains("--tls"), sasl = options.Contains("--sasl");
        kafka.Server = await RealKafka.StartAsync((port, controller) =>
        {
            (kafka._sasl, kafka.TlsPort) = (Ports.Free(), Ports.Free());
            (kafka.SaslTls, kafka.MutualTls) = ($"localhost:{Ports.Free()}", $"localhost:{Ports.Free()}");
            var open = new List<string> { $"PLAINTEXT://127.0.0.1:{port}" };
            if (tls) open.Add($"TLS://127.0.0.1:{kafka.TlsPort}");
            if (tls) open.Add($"MTLS://{kafka.MutualTls}");
            if (sasl) open.Add($"SASL://127.0.0.1:{kafka._sasl}");
            if (tls && sasl) open.Add($"SASLTLS://{kafka.SaslTls}");
            string all = string.Join(',', open);
            return
            [
                .. options, $"listeners={all},CONTROLLER://127.0.0.1:{controller}", $"advertised.listeners={all}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MTLS:SSL,SASL:SASL_PLAINTEXT,SASLTLS:SASL_SSL",
                .. tls ? ["listener.name.mtls.ssl.client.auth=required"] : Array.Empty<string>(),
                .. sasl ? Tokens : [],
            ];
        });
        return kafka;
    }

    // Kafka's own validator of tokens that nobody has signed: it looks at the times and the name, as the others do.
    private static readonly string[] Tokens =
    [
        "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.sasltls.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER",
        .. from listener in (string[])["sasl", "sasltls"]
           select $"listener.name.{listener}.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";",
    ];

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
