using System.CommandLine;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Cli.Mqtt;

/// <summary><c>fastbridge mqtt connector</c>: create, update, list, show, delete, stop, start.</summary>
internal sealed class ConnectorCommand
{
    private readonly MqttOptions _options;
    private readonly ConnectorStores _stores;
    private readonly Option<string?> _cluster = new("--cluster-name", "--tenant", "-T") { Description = "The connector's cluster (tenant)", HelpName = "NAME" };
    private readonly Option<string[]> _topics = new("--topic-id", "--topic-name", "-p") { Description = "The MQTT topic filter; several by repeating it", HelpName = "FILTER" };
    private readonly Option<string?> _strategy = new("--failure-strategy") { Description = "failure_strategy as JSON", HelpName = "JSON" };
    private readonly Option<string?> _revision = new("--revision") { Description = "Refuse where the connectors have changed since show --output json gave this revision", HelpName = "REVISION" };

    private readonly Option<string?> _caFile = new("--ca-file") { Description = "PEM file of the authorities to trust where --server is https://. Default: the system's", HelpName = "FILE", Recursive = true };

    private ConnectorCommand(MqttOptions options, ConnectorStores stores) => (_options, _stores) = (options, stores);

    public static Command Create(MqttOptions options, ConnectorStores stores)
    {
        var commands = new ConnectorCommand(options, stores);
        return new Command("connector", "Connectors: in the connectors file, which a running bridge follows, or with --server in a running bridge.")
        {
            commands._caFile,
            commands.Create(),
            commands.Update(),
            commands.List(),
            commands.Show(),
            commands.Named("delete", "Take a connector out and end its MQTT session.", "Deleted successfully!", (s, n, c, r, t) => s.DeleteAsync(c, n, r, t)),
            commands.Named("stop", "Keep a connector and do not run it; its MQTT session stays.", "Stopped successfully!", (s, n, c, r, t) => s.SetEnabledAsync(c, n, false, r, t)),
            commands.Named("start", "Run a connector that was stopped.", "Started successfully!", (s, n, c, r, t) => s.SetEnabledAsync(c, n, true, r, t)),
        };
    }

    private Command Create()
    {
        Option<string> name = Name("-n");
        Option<string?> config = Config(), type = Type(". Default: Kafka");
        var command = new Command("create", "Add a connector.") { name, type, config, _topics, _cluster, _strategy };
        config.Required = true;
        command.Validators.Add(result =>
        {
            if (result.GetResult(_topics) is null)
                result.AddError("Option '--topic-id' is required.");
        });
        command.SetAction((parsed, cancellation) => ChangeAsync(parsed, "Created successfully!", store => store.CreateAsync(Draft(parsed, name, type, config), cancellation)));
        return command;
    }

    private Command Update()
    {
        Option<string> name = Name("-n");
        Option<string?> config = Config(), type = Type("");
        var command = new Command("update", "Change what the options name and keep the rest; a secret shown as ****** keeps its value.") { name, type, config, _topics, _cluster, _strategy, _revision };
        command.Validators.Add(result =>
        {
            if (result.GetResult(type) is null && result.GetResult(config) is null && result.GetResult(_topics) is null && result.GetResult(_strategy) is null)
                result.AddError("nothing to change; give --config, --topic-id, --connector-type or --failure-strategy.");
        });
        command.SetAction((parsed, cancellation) =>
            ChangeAsync(parsed, "Updated successfully!", store => store.UpdateAsync(Draft(parsed, name, type, config), parsed.GetValue(_revision), cancellation)));
        return command;
    }

    private Command List()
    {
        var part = new Option<string?>("--connector-name", "-c", "-n") { Description = "Only those whose name contains this", HelpName = "TEXT" };
        var command = new Command("list", "List connectors.") { part, _cluster, _options.ListPage, _options.ListLimit };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, async store =>
        {
            StoreList list = await store.ListAsync(cancellation).ConfigureAwait(false);
            List<StoredConnector> found = [];
            foreach (StoredConnector connector in list.Connectors)
            {
                if (connector.Name.Contains(parsed.GetValue(part) ?? "", StringComparison.Ordinal) && (parsed.GetValue(_cluster) is not { } cluster || cluster == connector.ClusterName))
                    found.Add(connector);
            }

            long skipped = (_options.Page(parsed) - 1L) * _options.Limit(parsed);
            int from = (int)Math.Min(skipped, found.Count);
            List<StoredConnector> page = found.GetRange(from, Math.Min(_options.Limit(parsed), found.Count - from));
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(_options.Output) == "json")
                await output.WriteLineAsync(ConnectorOutput.ListJson(page, found.Count)).ConfigureAwait(false);
            else
                await output.WriteAsync(ConnectorOutput.ListTable(page, TerminalWidth(output))).ConfigureAwait(false);
            return CommandTree.Done;
        }));
        return command;
    }

    private Command Show()
    {
        Option<string> name = Name("-c", "-n");
        var command = new Command("show", "Show one connector whole.") { name, _cluster };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, async store =>
        {
            StoreList list = await store.ListAsync(cancellation).ConfigureAwait(false);
            foreach (StoredConnector connector in list.Connectors)
            {
                if (connector.Name != parsed.GetValue(name) || (parsed.GetValue(_cluster) is { } cluster && cluster != connector.ClusterName))
                    continue;
                bool json = parsed.GetValue(_options.Output) == "json";
                await parsed.InvocationConfiguration.Output.WriteLineAsync(json ? ConnectorOutput.OneJson(connector, list.Revision) : ConnectorOutput.OneText(connector)).ConfigureAwait(false);
                return CommandTree.Done;
            }

            return await FailAsync(parsed, $"{store.Where}: there is no connector \"{TextTable.OneLine(parsed.GetValue(name)!)}\"; list shows what there is").ConfigureAwait(false);
        }));
        return command;
    }

    private Command Named(string verb, string description, string done, Func<IConnectorStore, string, string?, string?, CancellationToken, Task<StoreOutcome>> change)
    {
        Option<string> name = Name("-c", "-n");
        var command = new Command(verb, description) { name, _cluster, _revision };
        command.SetAction((parsed, cancellation) =>
            ChangeAsync(parsed, done, store => change(store, parsed.GetValue(name)!, parsed.GetValue(_cluster), parsed.GetValue(_revision), cancellation)));
        return command;
    }

    private static Option<string> Name(params string[] aliases) => new("--connector-name", aliases) { Description = "The connector's name", HelpName = "NAME", Required = true };

    private static Option<string?> Config() => new("--config", "-c") { Description = "The Kafka end, as JSON: {\"bootstrap_servers\": …, \"topic\": …, \"key\": …}", HelpName = "JSON" };

    private static Option<string?> Type(string more) => new("--connector-type", "-t") { Description = "What stands at the other end: Kafka, in any case" + more, HelpName = "TYPE" };

    private ConnectorDraft Draft(ParseResult parsed, Option<string> name, Option<string?> type, Option<string?> config) => new()
    {
        Name = parsed.GetValue(name)!,
        ClusterName = parsed.GetValue(_cluster),
        Type = parsed.GetValue(type),
        Config = parsed.GetValue(config),
        TopicIds = parsed.GetResult(_topics) is null ? null : [.. parsed.GetValue(_topics) ?? []],
        FailureStrategy = parsed.GetValue(_strategy),
    };

    private Task<int> ChangeAsync(ParseResult parsed, string done, Func<IConnectorStore, Task<StoreOutcome>> change) => RunAsync(parsed, async store =>
    {
        StoreOutcome outcome = await change(store).ConfigureAwait(false);
        foreach (string warning in outcome.Warnings)
            await parsed.InvocationConfiguration.Error.WriteLineAsync("warning: " + warning).ConfigureAwait(false);
        if (outcome.IsDone)
        {
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(_options.Output) == "json" ? ConnectorOutput.DoneJson(done, outcome.Revision) : done).ConfigureAwait(false);
            return CommandTree.Done;
        }

        foreach (string fault in outcome.Faults)
            await FailAsync(parsed, $"{store.Where}: {fault}").ConfigureAwait(false);
        return outcome.Result == StoreResult.Invalid ? CommandTree.Wrong : CommandTree.Failed;
    });

    private async Task<int> RunAsync(ParseResult parsed, Func<IConnectorStore, Task<int>> work)
    {
        IConnectorStore store = _stores.Open(parsed.GetValue(_options.Server), parsed.GetValue(_options.File), parsed.GetValue(_caFile));
        try
        {
            return await work(store).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return await FailAsync(parsed, e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync(parsed, "interrupted").ConfigureAwait(false);
        }
        finally
        {
            (store as IDisposable)?.Dispose();
        }
    }

    private static async Task<int> FailAsync(ParseResult parsed, string text)
    {
        await parsed.InvocationConfiguration.Error.WriteLineAsync($"{CommandTree.PathOf(parsed.CommandResult)}: {text}").ConfigureAwait(false);
        return CommandTree.Failed;
    }

    /// <summary>Columns of the terminal; 0 for a pipe or file, which gets every value whole.</summary>
    private static int TerminalWidth(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected ? Console.WindowWidth : 0;
}
