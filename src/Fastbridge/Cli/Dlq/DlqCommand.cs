using System.CommandLine;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;

namespace Fastbridge.Cli.Dlq;

/// <summary><c>fastbridge dlq</c>: dead letters, in the files of the state folder and in Kafka: seen, and produced again.</summary>
internal static class DlqCommand
{
    public static Command Create() => new("dlq", "Dead letters, in the state folder and in Kafka: list, show, replay.") { List(), Show(), Replay() };

    private static Command List()
    {
        (Option<string?> config, Option<string?> connector, Option<string> output) = (Config(), Connector(), Output());
        var all = new Option<bool>("--all") { Description = "Also what has been replayed from Kafka topics, which keep it" };
        var command = new Command("list", "One line a dead letter: what, when, why.") { config, connector, all, output };
        command.SetAction((parsed, cancellation) => RunAsync("list", parsed.GetValue(config), parsed.GetValue(connector), async connectors =>
        {
            var writer = new DlqWriter(Console.Out, parsed.GetValue(output) == "json");
            bool whole = true;
            List<DeadLetter> letters = [];
            foreach (DlqConnector each in connectors)
                whole &= await each.ReadAsync(letters, parsed.GetValue(all), cancellation).ConfigureAwait(false);
            writer.WriteList(letters);
            return whole;
        }));
        return command;
    }

    private static Command Show()
    {
        (Option<string?> config, Option<string?> connector, Option<string> output) = (Config(), Connector(), Output());
        var id = new Argument<string>("ID") { Description = "As list shows it: file:LINE or kafka:PARTITION:OFFSET" };
        var command = new Command("show", "One dead letter, whole.") { id, config, connector, output };
        command.SetAction((parsed, cancellation) => RunAsync("show", parsed.GetValue(config), parsed.GetValue(connector), async connectors =>
        {
            bool found = false, whole = true;
            foreach (DlqConnector each in connectors)
            {
                List<DeadLetter> letters = [];
                whole &= await each.ReadAsync(letters, all: true, cancellation).ConfigureAwait(false);
                foreach (DeadLetter letter in letters)
                {
                    if (letter.Id != parsed.GetValue(id))
                        continue;
                    found = true;
                    new DlqWriter(Console.Out, parsed.GetValue(output) == "json").WriteOne(letter);
                }
            }

            if (!found)
                await Console.Error.WriteLineAsync($"fastbridge dlq show: no dead letter {parsed.GetValue(id)}; fastbridge dlq list --all names them").ConfigureAwait(false);
            return found && whole;
        }));
        return command;
    }

    private static Command Replay()
    {
        (Option<string?> config, Option<string?> connector) = (Config(), Connector());
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be produced" };
        var command = new Command("replay", "Produce the records to their Kafka topics again. What Kafka has is then taken out of the file; a replay cut off repeats, and loses nothing.")
        {
            config, connector, dryRun,
        };
        command.SetAction((parsed, cancellation) => RunAsync("replay", parsed.GetValue(config), parsed.GetValue(connector), async connectors =>
        {
            using Microsoft.Extensions.Logging.ILoggerFactory loggers = Logs.LogOutput.Create(Logs.LogLevels.Parse("error"), Logs.LogFormat.Text);
            await using var sinks = new KafkaSinkFactory(loggers);
            bool whole = true;
            foreach (DlqConnector each in connectors)
                whole &= await each.ReplayAsync(sinks, parsed.GetValue(dryRun), Console.Out, cancellation).ConfigureAwait(false);
            return whole;
        }));
        return command;
    }

    private static async Task<int> RunAsync(string verb, string? file, string? connector, Func<List<DlqConnector>, Task<bool>> run)
    {
        string path = ConfigPath.Require(file, Settings.Load());
        LoadResult loaded = ConnectorsFile.Load(path, LoadEnvironment.Current with { CheckKafkaProperty = KafkaProperties.Check });
        if (loaded.Config is null)
        {
            foreach (Fault fault in loaded.Faults)
                await Console.Error.WriteLineAsync(fault.ToString()).ConfigureAwait(false);
            return CommandTree.Wrong;
        }

        List<DlqConnector> connectors = [];
        foreach (ConnectorConfig each in loaded.Config.Connectors)
        {
            if (connector is null || each.Name == connector)
                connectors.Add(new DlqConnector(each, loaded.Config.StateDir, $"fastbridge dlq {verb}"));
        }

        if (connectors.Count == 0 && connector is not null)
        {
            await Console.Error.WriteLineAsync($"fastbridge dlq {verb}: {path} has no connector \"{connector}\"; leave --connector out for all").ConfigureAwait(false);
            return CommandTree.Wrong;
        }

        return await run(connectors).ConfigureAwait(false) ? CommandTree.Done : CommandTree.Failed;
    }

    private static Option<string?> Config() => ConfigPath.NewOption("--config", "-c");

    private static Option<string?> Connector() => new("--connector", "-n") { Description = "One connector's. Default: all connectors'", HelpName = "NAME" };

    private static Option<string> Output()
    {
        var output = new Option<string>("--output") { Description = "table or json", HelpName = "FORM", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}
