using System.CommandLine;
using System.CommandLine.Parsing;
using Fastbridge.Admin;
using Fastbridge.Cli.Check;
using Fastbridge.Cli.Manual;
using Fastbridge.Cli.Mqtt;
using Fastbridge.Core.Live;

namespace Fastbridge.Cli;

/// <summary>The commands, and what an outcome becomes: exit code 0 done, 1 it failed, 2 the command line or file is wrong.</summary>
internal static class CommandTree
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Wrong = 2;

    private const string RobustCtl = "robust-ctl";

    /// <summary>What the program is called in its messages: <c>robust-ctl</c> where it was started by that name, so that scripts written for RobustMQ's see theirs.</summary>
    public static string Name { get; } = NameOf(Environment.GetCommandLineArgs()[0]);

    /// <param name="output">Null: the console's.</param>
    /// <param name="error">Null: the console's.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        error ??= Console.Error;
        // A topic or config that begins with @ is no file of further arguments.
        ParseResult parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            string command = PathOf(parsed.CommandResult);
            foreach (ParseError fault in parsed.Errors)
                await error.WriteLineAsync($"{command}: {OneLine(fault.Message)}; see {command} --help").ConfigureAwait(false);
            return Wrong;
        }

        // Signals are the commands' own business: run drains on the first and ends on the second.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Error = error, Output = output ?? Console.Out };
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (SettingsException e)
        {
            await error.WriteLineAsync($"{PathOf(parsed.CommandResult)}: {e.Message}").ConfigureAwait(false);
            return Wrong;
        }
    }

    /// <summary>The whole tree; public to tests and to what is generated from it.</summary>
    public static RootCommand Root() => new(
        """
        Bridges MQTT to Apache Kafka: every message becomes one JSON record, none lost, in order.

        fastbridge demo                            see it work: an embedded Kafka, a mosquitto of its own, a little fleet
        fastbridge check --config connectors.json  see what would fail, at both ends
        fastbridge run --config connectors.json    bridge until SIGTERM
        fastbridge mqtt connector create …         connectors, as robust-ctl manages them
        """)
    {
        RunCommand.Create(),
        CheckCommand.Create(),
        Dlq.DlqCommand.Create(),
        DemoCommand.Create(),
        BenchCommand.Create(),
        BenchBridgeCommand.Create(),
        MqttCommand.Create(new ConnectorStores(RemoteStore.Open, DeletedConnectors.Mark)),
        CompletionCommand.Create(),
        ManCommand.Create(),
        BufferCommand.Create(),
        LicensesCommand.Create(),
    };

    /// <summary>The name for messages, from the one that the program was started by.</summary>
    internal static string NameOf(string path) => Path.GetFileName(path) == RobustCtl ? RobustCtl : "fastbridge";

    /// <summary>The library lists choices below each other.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split(['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    /// <summary>A command as it is typed, for messages.</summary>
    internal static string PathOf(CommandResult command)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = command; at is CommandResult c; at = at.Parent)
            names.Push(c.Command is RootCommand ? Name : c.Command.Name);
        return string.Join(' ', names);
    }
}
