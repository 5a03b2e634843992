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
    private readonly WayOptions _way = new();

    /// <summary>An option of a few values.</summary>
    public static Option<string?> NewChoice(string name, string description, string helpName, params string[] choices)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_username, _password, _passwordFile, _clientId, _version])
            command.Options.Add(option);
        _way.AddTo(command);
    }

    /// <summary>What to connect with; null where the connectors file is wrong, whose faults have then been written to stderr.</summary>
    /// <exception cref="SettingsException">The command line is wrong.</exception>
    public MqttClientOptions? Read(ParseResult parsed, Settings settings)
    {
        if (parsed.GetValue(common.Server) is not { } address)
            return FromFile(parsed, settings) is { } file ? Over(file, parsed) : null;
        if (!ServerAddress.TryParse(address, out ServerAddress at, out string? fault, out string? remedy))
            throw new SettingsException($"--server: {fault}{(remedy is null ? "" : "; " + remedy)}");
        bool tls = at.IsTls ?? _way.WantsTls(parsed);
        if (at.IsTls == false && _way.WantsTls(parsed))
            throw new SettingsException(at.Path is null
                ? "--server: mqtt:// is not encrypted, and there are options of TLS; write mqtts://"
                : "--server: ws:// is not encrypted, and there are options of TLS; write wss://");
        return Over(new MqttClientOptions { Tls = tls ? new MqttTlsOptions() : null }.At(at.Server(tls)), parsed);
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
        if (_way.WantsTls(parsed))
        {
            options = options with
            {
                Port = options.Tls is null && options.Port == 1883 && parsed.GetValue(common.Server) is null ? 8883 : options.Port,
                Tls = _way.OverTls(options.Tls ?? new MqttTlsOptions(), parsed),
            };
        }

        options = _way.Over(options, parsed);
        if (options.Tls is { Insecure: true })
            Console.Error.WriteLine("warning: TLS with any certificate: who stands in between can read and change all; name the authority in --ca-file");
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
}
