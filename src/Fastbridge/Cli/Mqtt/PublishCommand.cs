using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Cli.Mqtt;

/// <summary><c>fastbridge mqtt publish</c>: a message from an option or a file, or one for each line of standard input.</summary>
internal static class PublishCommand
{
    /// <summary>The longest packet that MQTT has.</summary>
    private const int LongestPayload = LineReader.LongestLine;

    public static Command Create(MqttOptions common)
    {
        var broker = new BrokerOptions(common, "pub");
        var topic = new Option<string>("--topic", "-t") { Description = "The topic", HelpName = "TOPIC", Required = true };
        var message = new Option<string?>("--message", "-m") { Description = "The message. Without it and --message-file: each line of standard input is one", HelpName = "TEXT" };
        var file = new Option<string?>("--message-file") { Description = "File whose bytes are the message; - is standard input", HelpName = "FILE" };
        Option<string?> qos = NewQoS();
        var retained = new Option<bool>("--retained") { Description = "The broker keeps it for those who subscribe later" };
        var userProperties = new Option<string[]>("--user-property") { Description = "MQTT 5: a User Property; may be given again", HelpName = "NAME=VALUE" };
        var contentType = new Option<string?>("--content-type") { Description = "MQTT 5: Content Type", HelpName = "TYPE" };
        var responseTopic = new Option<string?>("--response-topic") { Description = "MQTT 5: Response Topic", HelpName = "TOPIC" };
        var correlation = new Option<string?>("--correlation-data") { Description = "MQTT 5: Correlation Data", HelpName = "TEXT" };
        var expiry = new Option<int?>("--message-expiry") { Description = "MQTT 5: seconds until the broker may drop it", HelpName = "SECONDS" };
        Option<int?> timeout = NewTimeout("connecting and each acknowledgement");
        var command = new Command("publish", "Publish a message, and wait until the broker has acknowledged it.")
        {
            topic, message, file, qos, retained, userProperties, contentType, responseTopic, correlation, expiry, timeout,
        };
        broker.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(message) is not null && parsed.GetValue(file) is not null)
                throw new SettingsException("--message and --message-file: give one of them");
            if (broker.Read(parsed, Settings.Load()) is not { } options)
                return Task.FromResult(CommandTree.Wrong);
            var template = new OutgoingPublish(CheckTopic(parsed.GetValue(topic)!), default)
            {
                QoS = ReadQoS(parsed, qos),
                Retain = parsed.GetValue(retained),
                ContentType = parsed.GetValue(contentType),
                ResponseTopic = parsed.GetValue(responseTopic),
                CorrelationData = parsed.GetValue(correlation) is { } data ? Encoding.UTF8.GetBytes(data) : (ReadOnlyMemory<byte>?)null,
                MessageExpiryInterval = parsed.GetValue(expiry) is { } seconds ? (uint)CheckExpiry(seconds) : null,
                UserProperties = UserProperties(parsed.GetValue(userProperties)),
            };
            if (options.Version == MqttVersion.V311 && HasProperties(template))
                throw new SettingsException("MQTT 3.1.1 has no properties; leave them out, or use --protocol-version 5");
            options = options with { ConnectTimeout = ReadTimeout(parsed, timeout) };
            return new PublishRun(options, template, parsed.GetValue(common.Output) == "json").RunAsync(Payload(parsed.GetValue(message), parsed.GetValue(file)));
        });
        return command;
    }

    /// <summary>--qos, for publish and subscribe.</summary>
    public static Option<string?> NewQoS()
    {
        var qos = new Option<string?>("--qos", "-q") { Description = "0 (the default), 1 or 2", HelpName = "QOS" };
        qos.AcceptOnlyFromAmong("0", "1", "2");
        return qos;
    }

    public static QoS ReadQoS(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        "1" => QoS.AtLeastOnce,
        "2" => QoS.ExactlyOnce,
        _ => QoS.AtMostOnce,
    };

    public static Option<int?> NewTimeout(string of) => new("--timeout") { Description = $"Seconds that {of} may take. Default: 10", HelpName = "SECONDS" };

    /// <exception cref="SettingsException">No number from 1 to 3600.</exception>
    public static TimeSpan ReadTimeout(ParseResult parsed, Option<int?> option)
    {
        int seconds = parsed.GetValue(option) ?? 10;
        return seconds is >= 1 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"--timeout: {seconds} is not a number from 1 to 3600"));
    }

    /// <summary>The one message, or null: standard input's lines are the messages.</summary>
    private static byte[]? Payload(string? message, string? file)
    {
        if (message is not null)
            return Encoding.UTF8.GetBytes(message);
        if (file is null)
            return null;
        if (file != "-")
            return LocalFile.Read("--message-file", file, LongestPayload);
        using Stream input = Console.OpenStandardInput();
        return LocalFile.ReadToEnd(input, LongestPayload) ?? throw new SettingsException("--message-file -: standard input has more than the 268435455 bytes that MQTT can carry");
    }

    private static string CheckTopic(string topic)
    {
        if (topic.Length == 0)
            throw new SettingsException("--topic: a topic has at least one character");
        return topic.AsSpan().ContainsAny('+', '#')
            ? throw new SettingsException($"--topic: a message goes to one topic, without + and #: {Printable.Text(topic)}") // [MQTT-3.3.2-2]
            : topic;
    }

    private static int CheckExpiry(int seconds) => seconds >= 0 ? seconds : throw new SettingsException("--message-expiry: not less than 0 seconds");

    private static ImmutableArray<UserProperty> UserProperties(string[]? pairs)
    {
        var list = ImmutableArray.CreateBuilder<UserProperty>();
        foreach (string pair in pairs ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new SettingsException($"--user-property: write NAME=VALUE, not {Printable.Text(pair)}");
            list.Add(new UserProperty(pair[..equals], pair[(equals + 1)..]));
        }

        return list.ToImmutable();
    }

    private static bool HasProperties(OutgoingPublish message) =>
        message.ContentType is not null || message.ResponseTopic is not null || message.CorrelationData is not null || message.MessageExpiryInterval is not null || !message.UserProperties.IsEmpty;
}
