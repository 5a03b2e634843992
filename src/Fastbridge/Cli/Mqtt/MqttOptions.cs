using System.CommandLine;
using System.Globalization;

namespace Fastbridge.Cli.Mqtt;

/// <summary>The options that robust-ctl takes at <c>mqtt</c> and at every command below it, and where the file is.</summary>
internal sealed class MqttOptions
{
    private readonly Option<int?> _page = new("--page") { Recursive = true, Hidden = true };
    private readonly Option<int?> _limit = new("--limit") { Recursive = true, Hidden = true };

    public MqttOptions()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        foreach ((Option<int?> page, Option<int?> limit) in new[] { (_page, _limit), (ListPage, ListLimit) })
        {
            page.Validators.Add(result => AtLeastOne(result, "--page"));
            limit.Validators.Add(result => AtLeastOne(result, "--limit"));
        }

        AnyPaging = [_page, _limit];
    }

    public Option<string?> Server { get; } = new("--server", "-s")
    {
        Description = "connector: a running bridge's admin address (https for another host where a token is set); default ROBUSTMQ_API_URL, else the connectors file. publish, subscribe: the MQTT broker (mqtt://, mqtts://, ws:// or wss://); default mqtt.server of the connectors file with its credentials and TLS, else 127.0.0.1:1883",
        HelpName = "HOST:PORT|URL",
        Recursive = true,
    };

    public Option<string?> File { get; } = Recursive(ConfigPath.NewOption("--file"));

    public Option<string> Output { get; } = new("--output") { Description = "table or json", DefaultValueFactory = _ => "table", HelpName = "FORM", Recursive = true };

    /// <summary>As robust-ctl takes them, at every command; told of only where there are pages, for elsewhere they mean nothing.</summary>
    public IReadOnlyList<Option> AnyPaging { get; }

    /// <summary>The same for <c>list</c> itself.</summary>
    public Option<int?> ListPage { get; } = new("--page") { Description = "Which page of the list, from 1. Default: 1", HelpName = "N" };

    public Option<int?> ListLimit { get; } = new("--limit") { Description = "Connectors on a page. Default: 100", HelpName = "N" };

    /// <summary>The page, wherever in the command line it stands.</summary>
    public int Page(ParseResult parsed) => parsed.GetValue(ListPage) ?? parsed.GetValue(_page) ?? 1;

    public int Limit(ParseResult parsed) => parsed.GetValue(ListLimit) ?? parsed.GetValue(_limit) ?? 100;

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
