using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Fastbridge.Bench;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge bench</c>: a user's own figure in one command.</summary>
internal static class BenchCommand
{
    private const int MostSize = 8 << 20;

    public static Command Create()
    {
        var bootstrap = new Option<string?>("--bootstrap") { Description = "A Kafka to write to, in a topic of the bench's own that is deleted at the end. Default: an embedded cluster", HelpName = "HOST:PORT" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Write to that Kafka without asking" };
        Option<int> qos = Number("--qos", "QoS of the messages", 1, 0, 2);
        Option<int> size = Number("--size", "Bytes of a payload; its first 12 say which message it is", 256, Stamp.Length, MostSize);
        Option<int> rate = Number("--rate", "Messages a second over all connectors, evenly; 0: as fast as it goes", 0, 0, 10_000_000);
        Option<int> window = Number("--window", "Messages of a connector that may be unacknowledged", 10_000, 1, 65_535);
        Option<int> seconds = Number("--seconds", "How long to send", 10, 1, 86_400);
        Option<int> messages = Number("--messages", "How many to send, instead of --seconds", 0, 1, 1_000_000_000);
        Option<int> connectors = Number("--connectors", "Connectors that share the load", 1, 1, 1_000);
        var version = new Option<string>("--mqtt-version") { Description = "5 or 3.1.1", HelpName = "VERSION", DefaultValueFactory = _ => "5" };
        version.AcceptOnlyFromAmong("5", "3.1.1");
        var output = new Option<string>("--output", "-o") { Description = "table or json", HelpName = "FORM", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("bench", "Measure this machine: load of its own making through a real bridge, in a process of its own, into an embedded Kafka or a given one.")
        {
            bootstrap, yes, qos, size, rate, window, seconds, messages, connectors, version, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(seconds) is { Implicit: false } && result.GetResult(messages) is { Implicit: false })
                result.AddError("--seconds and --messages: give one of them");
            if (result.GetResult(yes) is { Implicit: false } && result.GetResult(bootstrap) is null or { Implicit: true })
                result.AddError("--yes: only with --bootstrap; an embedded cluster is not asked about");
        });
        command.SetAction((parsed, _) =>
        {
            int count = parsed.GetValue(messages);
            var plan = new BenchPlan(parsed.GetValue(bootstrap), parsed.GetValue(qos), parsed.GetValue(size), parsed.GetValue(rate), parsed.GetValue(window),
                parsed.GetValue(seconds), count == 0 ? null : count, parsed.GetValue(connectors), parsed.GetValue(version) == "5");
            return BenchAsync(plan, parsed.GetValue(yes), parsed.GetValue(output) == "json");
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name) { Description = fallback == 0 && least > 0 ? description : string.Create(CultureInfo.InvariantCulture, $"{description}. Default: {fallback}"), HelpName = "N", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            // By its text: to ask for the value of what is no number throws.
            if (result.Tokens is [{ Value: { } text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < least || number > most))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: {text} is not a number from {least} to {most}"));
        });
        return option;
    }

    private static async Task<int> BenchAsync(BenchPlan plan, bool yes, bool json)
    {
        if (plan.Bootstrap is { } bootstrap && !yes)
        {
            if (Console.IsInputRedirected)
            {
                await Console.Error.WriteLineAsync("fastbridge bench: it asks before it writes to a given Kafka, and nobody can answer; give --yes").ConfigureAwait(false);
                return CommandTree.Wrong;
            }

            await Console.Error.WriteAsync($"This writes to Kafka at {bootstrap}, in a new topic {plan.Topic} that is deleted at the end. Go on? [y/N] ").ConfigureAwait(false);
            if (Console.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            {
                await Console.Error.WriteLineAsync("fastbridge bench: nothing was written").ConfigureAwait(false);
                return CommandTree.Failed;
            }
        }

        bool shows = !Console.IsErrorRedirected;
        using var signals = new Signals();
        try
        {
            BenchReport report = await new BenchRun(plan, shows ? line => Console.Error.Write($"\r{line}\u001b[K") : null).RunAsync(signals.Stop).ConfigureAwait(false);
            if (shows)
                await Console.Error.WriteAsync("\r\u001b[K").ConfigureAwait(false);
            await Console.Out.WriteAsync(json ? JsonSerializer.Serialize(report, BenchJson.Default.BenchReport) + "\n" : report.Table()).ConfigureAwait(false);
            return report.IsWhole ? CommandTree.Done : CommandTree.Failed;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync($"{(shows ? "\r\u001b[K" : "")}fastbridge bench: {e.Message}").ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{(shows ? "\r\u001b[K" : "")}fastbridge bench: interrupted").ConfigureAwait(false);
        }

        return CommandTree.Failed;
    }
}
