using System.Collections.Immutable;
using System.CommandLine;
using Fastbridge.Core.Config.Validation;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Cli.Mqtt;

/// <summary><c>fastbridge mqtt subscribe</c>: prints what topics carry.</summary>
internal static class SubscribeCommand
{
    public static Command Create(MqttOptions common)
    {
        var broker = new BrokerOptions(common, "sub");
        var topics = new Option<string[]>("--topic", "-t") { Description = "A topic or a filter with + and #; may be given again", HelpName = "FILTER", Required = true };
        Option<string?> qos = PublishCommand.NewQoS();
        var count = new Option<int?>("--count") { Description = "End after so many messages. Default: Ctrl-C ends", HelpName = "N" };
        var hex = new Option<bool>("--hex") { Description = "Payloads in hexadecimal. Default: as text, where they are UTF-8" };
        Option<int?> timeout = PublishCommand.NewTimeout("connecting and subscribing");
        var command = new Command("subscribe", "Print what arrives: topic, QoS, retained, properties, payload; a line a message, with --output json a JSON object a line.")
        {
            topics, qos, count, hex, timeout,
        };
        broker.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(count) is < 1)
                throw new SettingsException("--count: not less than 1");
            var filters = Filters(parsed.GetValue(topics) ?? [], PublishCommand.ReadQoS(parsed, qos));
            if (broker.Read(parsed, Settings.Load()) is not { } options)
                return Task.FromResult(CommandTree.Wrong);
            options = options with { Subscriptions = filters, ConnectTimeout = PublishCommand.ReadTimeout(parsed, timeout) };
            var format = new MessageFormat(parsed.GetValue(common.Output) == "json", parsed.GetValue(hex));
            return new SubscribeRun(options, format, parsed.GetValue(count) ?? int.MaxValue).RunAsync();
        });
        return command;
    }

    private static ImmutableArray<MqttSubscription> Filters(string[] topics, QoS qos)
    {
        var filters = ImmutableArray.CreateBuilder<MqttSubscription>(topics.Length);
        foreach (string topic in topics)
        {
            if (TopicFilter.Check(topic) is { } fault)
                throw new SettingsException($"--topic: {Printable.Text(topic)}: {fault.Text}{(fault.Remedy is null ? "" : "; " + fault.Remedy)}");
            var filter = new MqttSubscription(topic, qos);
            if (!filters.Contains(filter))
                filters.Add(filter);
        }

        return filters.ToImmutable();
    }
}
