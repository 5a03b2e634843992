using System.CommandLine;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Validation;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Cli.Mqtt;

/// <summary>
/// The options by which <c>publish</c> and <c>subscribe</c> find their broker. Without <c>--server</c> the connectors file's <c>mqtt</c> object counts, whole; what
/// stands on the command line goes over it.
/// </summary>
internal sealed class BrokerOptions(MqttOptions common, string purpose)
{
    private readonly Option<string?> _username = new("--username", "-u") { Description = "User name", HelpName = "NAME" };
    private readonly Option<string?> _password = new("--password", "-p")
    {
        Description = "Password. Other users of this machine see it in the process list: '${env:NAME}' or '${file:PATH}', quoted, or --password-file keeps it out",
        HelpName = "PASSWORD",
    };

    private readonly Option<string?> _passwordFile = new("--password-file") { Description = "File with the password; one line end behind it does not count", HelpName = "FILE" };
    private readonly Option<string?> _clientId = new("--client-id", "-i") { Description = $"Client id. Default: fastbridge-{purpose}- and six random digits. One that is in use ends the other's connection", HelpName = "ID" };
    private readonly Option<string?> _version = NewChoice("--protocol-version", "MQTT version: 5 (the default) or 4 (3.1.1)", "VERSION", "4", "3.1.1", "5", "5.0");
    private readonly Option<string?> _caFile = new("--ca-file") { Description = "PEM file of the authorities to trust; TLS. Default: the system's", HelpName = "FILE" };
    private readonly Option<string?> _certFile = new("--cert-file") { Description = "PEM file of this client's certificate; TLS", HelpName = "FILE" };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "PEM file of its key. Default: in --cert-file", HelpName = "FILE" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "TLS with any certificate: for a first look, never for secrets" };

    /// <summary>An option of a few values.</summary>
    public static Option<string?> NewChoice(string name, string description, string helpName, params string[] choices)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_username, _password, _passwordFile, _clientId, _version, _caFile, _certFile, _keyFile, _insecure])
            command.Options.Add(option);
    }

    /// <summary>What to connect with; null where the connectors file is wrong, whose faults have then been written to stderr.</summary>
    /// <exception cref="SettingsException">The command line is wrong.</exception>
    public MqttClientOptions? Read(ParseResult parsed, Settings settings)
    {
        if (parsed.GetValue(common.Server) is not { } address)
            return FromFile(parsed, settings) is { } file ? Over(file, parsed) : null;
        if (!ServerAddress.TryParse(address, out ServerAddress at, out string? fault, out string? remedy))
            throw new SettingsException($"--server: {fault}{(remedy is null ? "" : "; " + remedy)}");
        bool tls = at.IsTls ?? WantsTls(parsed);
        if (at.IsTls == false && WantsTls(parsed))
            throw new SettingsException("--server: mqtt:// is not encrypted, and there are options of TLS; write mqtts://");
        return Over(new MqttClientOptions { Host = at.Host, Port = at.Port ?? (tls ? 8883 : 1883), Tls = tls ? new MqttTlsOptions() : null }, parsed);
    }

    private MqttClientOptions? FromFile(ParseResult parsed, Settings settings)
    {
        var local = new MqttClientOptions { Host = "127.0.0.1" };
        if (ConfigPath.Find(parsed.GetValue(common.File), settings) is not { } path)
            return local;
        LoadResult loaded = ConnectorsFile.Load(path, LoadEnvironment.Current with { CheckKafkaProperty = Kafka.KafkaProperties.Check });
        if (loaded.Config is { } config)
            return config.Mqtt ?? local;
        foreach (Fault line in loaded.Faults)
            Console.Error.WriteLine(line.ToString());
        return null;
    }

    private MqttClientOptions Over(MqttClientOptions options, ParseResult parsed)
    {
        if (WantsTls(parsed))
        {
            MqttTlsOptions tls = options.Tls ?? new MqttTlsOptions();
            options = options with
            {
                Port = options.Tls is null && options.Port == 1883 && parsed.GetValue(common.Server) is null ? 8883 : options.Port,
                Tls = tls with
                {
                    CaFile = parsed.GetValue(_caFile) ?? tls.CaFile,
                    CertFile = parsed.GetValue(_certFile) ?? tls.CertFile,
                    KeyFile = parsed.GetValue(_keyFile) ?? tls.KeyFile,
                    Insecure = parsed.GetValue(_insecure) || tls.Insecure,
                },
            };
        }

        string? username = parsed.GetValue(_username) ?? options.Username;
        ReadOnlyMemory<byte>? password = Password(parsed) ?? options.Password;
        MqttVersion version = parsed.GetValue(_version) switch
        {
            "4" or "3.1.1" => MqttVersion.V311,
            null => options.Version,
            _ => MqttVersion.V5,
        };
        if (version == MqttVersion.V311 && username is null && password is not null)
            throw new SettingsException("--password: MQTT 3.1.1 allows no password without a user name; add --username");
        return options with
        {
            Username = username,
            Password = password,
            Version = version,
            // At most 23 characters: as many as every server must accept [MQTT-3.1.3-5].
            ClientId = parsed.GetValue(_clientId) ?? $"fastbridge-{purpose}-{Random.Shared.Next(0x1000000):x6}",
            CleanStart = true,
            SessionExpiryInterval = 0,
            Will = null,
        };
    }

    private ReadOnlyMemory<byte>? Password(ParseResult parsed)
    {
        string? text = parsed.GetValue(_password);
        string? file = parsed.GetValue(_passwordFile);
        if (text is not null && file is not null)
            throw new SettingsException("--password and --password-file: give one of them");
        if (text is not null)
            return SecretText.Resolve("--password", text);
        if (file is not null)
            return SecretText.FromFile("--password-file", file);
        return null;
    }

    private bool WantsTls(ParseResult parsed) =>
        parsed.GetValue(_caFile) is not null || parsed.GetValue(_certFile) is not null || parsed.GetValue(_keyFile) is not null || parsed.GetValue(_insecure);
}
