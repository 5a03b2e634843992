using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fastbridge.Bench;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge bench</c>: a user's own figure in one command.</summary>
internal static class BenchCommand
{
    /// <summary>A record holds the payload twice in Base64, and a connector sends at most 10,000,000 bytes by default.</summary>
    private const int MostSize = 3_500_000;

    public static Command Create()
    {
        var bootstrap = new Option<string?>("--bootstrap") { Description = "A Kafka to write to, HOST:PORT without TLS, in a new topic fastbridge-bench-… that is deleted at the end. Default: an embedded cluster", HelpName = "HOST:PORT" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Write to that Kafka without asking" };
        var keep = new Option<bool>("--keep") { Description = "Leave the topic in that Kafka" };
        Option<int> qos = Number("--qos", "QoS of the messages", 1, 0, 2);
        Option<int> size = Number("--size", "Bytes of a payload, whose first 12 say which message it is", 256, Stamp.Length, MostSize);
        Option<int> rate = Number("--rate", "Messages a second over all connectors, evenly. Default: as fast as it goes", 0, 1, 10_000_000);
        Option<int> window = Number("--window", "Messages of a connector that may be unacknowledged", 10_000, 1, 65_535);
        Option<int> seconds = Number("--seconds", "How long to send", 10, 1, 86_400);
        Option<int> messages = Number("--messages", "How many to send, instead of --seconds", 0, 1, 1_000_000_000);
        Option<int> connectors = Number("--connectors", "Connectors that share the load", 1, 1, 1_000);
        var version = new Option<string>("--mqtt-version") { Description = "5 (the default) or 3.1.1", HelpName = "VERSION", DefaultValueFactory = _ => "5" };
        version.AcceptOnlyFromAmong("5", "3.1.1");
        var output = new Option<string>("--output", "-o") { Description = "table (the default) or json", HelpName = "FORMAT", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("bench", "Measure this machine: load through a real bridge into an embedded Kafka or a given one.")
        {
            bootstrap, yes, keep, qos, size, rate, window, seconds, messages, connectors, version, output,
        };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            if (Given(seconds) && Given(messages))
                result.AddError("--seconds and --messages: give one of them");
            if ((Given(yes) || Given(keep)) && !Given(bootstrap))
                result.AddError($"{(Given(yes) ? "--yes" : "--keep")}: only with --bootstrap; an embedded cluster is not asked about and keeps nothing");
            if (Given(window) && Value(result, qos) == 0)
                result.AddError("--window: QoS 0 has no acknowledgements, so none can be outstanding; leave it out");
            if (Given(messages) && Value(result, messages) is > 0 and var n && n < Value(result, connectors))
                result.AddError("--messages: fewer than --connectors; give each connector at least one");
        });
        command.SetAction((parsed, _) =>
        {
            int count = parsed.GetValue(messages);
            var plan = new BenchPlan(parsed.GetValue(bootstrap), parsed.GetValue(keep), parsed.GetValue(qos), parsed.GetValue(size), parsed.GetValue(rate), parsed.GetValue(window),
                parsed.GetValue(seconds), count == 0 ? null : count, parsed.GetValue(connectors), parsed.GetValue(version) == "5");
            return Task.FromResult(Bench(plan, parsed.GetValue(yes), parsed.GetValue(output) == "json"));
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = fallback < least ? description : string.Create(CultureInfo.InvariantCulture, $"{description}. Default: {fallback}"),
            HelpName = "N",
            DefaultValueFactory = _ => fallback,
        };
        option.Validators.Add(result =>
        {
            // By its text: to ask for the value of what is no number throws.
            if (result.Tokens is [{ Value: { } text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < least || number > most))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: {text} is not a number from {least} to {most}"));
        });
        return option;
    }

    /// <summary>The number, or null where it is none, which its own validator says.</summary>
    private static int? Value(CommandResult result, Option<int> option) => result.GetResult(option) switch
    {
        { Implicit: false, Tokens: [{ Value: { } text }] } => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null,
        _ => (int?)option.GetDefaultValue(),
    };

    private static int Bench(BenchPlan plan, bool yes, bool json)
    {
        if (plan.Bootstrap is not null && Refuse(plan, yes) is { } refused)
            return refused;
        var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected);
        using var signals = new Signals();
        try
        {
            BenchReport report = new BenchRun(plan, progress, signals.Stop).Run();
            progress.Clear();
            Console.Out.Write(json ? report.Json() + "\n" : report.Table());
            if (report.IsWhole)
                return CommandTree.Done;
            progress.Say("fastbridge bench: not every message is in Kafka once and in order; please report it, with these figures");
        }
        catch (Exception e) when (e is OperationCanceledException or BenchException)
        {
            // What a signal makes end may say so first.
            progress.Say($"fastbridge bench: {(signals.Stop.IsCancellationRequested ? "interrupted" : e.Message)}");
        }

        return CommandTree.Failed;
    }

    /// <summary>Whether that Kafka may be written to.</summary>
    /// <returns>Null: it may. Else the exit code; what is to be said is said.</returns>
    private static int? Refuse(BenchPlan plan, bool yes)
    {
        try
        {
            BenchFile.Connector(plan);
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"fastbridge bench: {e.Message}");
            return CommandTree.Wrong;
        }

        if (yes)
            return null;
        if (Console.IsInputRedirected)
        {
            Console.Error.WriteLine("fastbridge bench: --bootstrap: it asks before it writes to a given Kafka, and nobody can answer here; give --yes");
            return CommandTree.Wrong;
        }

        Console.Error.Write($"This writes to Kafka at {plan.Bootstrap}, in a new topic {plan.Topic} {(plan.Keep ? "that is kept" : "that is deleted at the end")}. Go on? [y/N] ");
        if (Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES")
            return null;
        Console.Error.WriteLine("fastbridge bench: nothing was written");
        return CommandTree.Failed;
    }
}
