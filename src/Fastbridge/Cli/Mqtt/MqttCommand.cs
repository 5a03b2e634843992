using System.CommandLine;

namespace Fastbridge.Cli.Mqtt;

/// <summary><c>fastbridge mqtt …</c>: robust-ctl's tree.</summary>
internal static class MqttCommand
{
    public static Command Create()
    {
        // As with robust-ctl they may stand before the command below, too: robust-ctl mqtt --server HOST:PORT publish …
        var server = new Option<string?>("--server", "-s")
        {
            Description = "The MQTT broker, HOST:PORT, mqtt://HOST:PORT or mqtts://HOST:PORT. Default: mqtt.server of the connectors file with its credentials and TLS, else 127.0.0.1:1883",
            HelpName = "ADDRESS",
        };
        var output = new Option<string?>("--output") { Description = "table (the default) or json", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("mqtt", "What robust-ctl does: a message in, a look at what a topic carries.")
        {
            PublishCommand.Create(server),
            SubscribeCommand.Create(server, output),
        };
        server.Recursive = true;
        output.Recursive = true;
        command.Options.Add(server);
        command.Options.Add(output);
        return command;
    }
}
