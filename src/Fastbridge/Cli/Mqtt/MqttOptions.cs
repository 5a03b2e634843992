using System.CommandLine;
using System.Globalization;

namespace Fastbridge.Cli.Mqtt;

/// <summary>The options that robust-ctl takes at <c>mqtt</c> and at every command below it, and where the file is.</summary>
internal sealed class MqttOptions
{
    public MqttOptions()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        Page.Validators.Add(result => AtLeastOne(result, "--page"));
        Limit.Validators.Add(result => AtLeastOne(result, "--limit"));
    }

    public Option<string?> Server { get; } = new("--server", "-s")
    {
        Description = "connector: a running bridge's admin address; default ROBUSTMQ_API_URL, else the connectors file. publish, subscribe: the MQTT broker (mqtt://, mqtts://, ws:// or wss://); default mqtt.server of the connectors file with its credentials and TLS, else 127.0.0.1:1883",
        HelpName = "HOST:PORT|URL",
        Recursive = true,
    };

    public Option<string?> File { get; } = Recursive(ConfigPath.NewOption("--file"));

    public Option<string> Output { get; } = new("--output") { Description = "table or json", DefaultValueFactory = _ => "table", HelpName = "FORM", Recursive = true };

    public Option<int> Page { get; } = new("--page") { Description = "Which page of a list, from 1", DefaultValueFactory = _ => 1, HelpName = "N", Recursive = true };

    public Option<int> Limit { get; } = new("--limit") { Description = "Connectors on a page", DefaultValueFactory = _ => 100, HelpName = "N", Recursive = true };

    private static Option<string?> Recursive(Option<string?> option)
    {
        option.Recursive = true;
        return option;
    }

    private static void AtLeastOne(System.CommandLine.Parsing.OptionResult result, string name)
    {
        // By its text: to ask for the value of what is no number throws.
        if (result.Tokens is [{ Value: { } text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1))
            result.AddError($"{name}: {text} is not a number from 1");
    }
}
