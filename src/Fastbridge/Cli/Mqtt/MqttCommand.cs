using System.CommandLine;

namespace Fastbridge.Cli.Mqtt;

/// <summary><c>fastbridge mqtt …</c>: robust-ctl's tree, option for option.</summary>
internal static class MqttCommand
{
    public static Command Create(ConnectorStores stores)
    {
        var options = new MqttOptions();
        var command = new Command("mqtt", "What robust-ctl mqtt does: manage connectors, a message in, a look at what a topic carries.")
        {
            options.Server,
            options.File,
            options.Output,
            ConnectorCommand.Create(options, stores),
            PublishCommand.Create(options),
            SubscribeCommand.Create(options),
        };
        foreach (Option option in options.AnyPaging)
            command.Options.Add(option);
        return command;
    }
}
