using System.CommandLine;
using System.Diagnostics;
using Fastbridge.Bench;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Kafka;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Cli;

/// <summary>
/// <c>fastbridge bench-bridge</c>, hidden: the bridge that <c>fastbridge bench</c> measures. It answers each line of its standard input with what it has used, and ends
/// cleanly with its end, so that none outlives the bench.
/// </summary>
internal static class BenchBridgeCommand
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var config = new Option<string>("--config") { Required = true };
        var command = new Command("bench-bridge", "The bridge that bench measures.") { config };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(config)));
        return command;
    }

    private static async Task<int> RunAsync(string file)
    {
        LoadResult loaded = ConnectorsFile.Load(file, LoadEnvironment.Current with { CheckKafkaProperty = KafkaProperties.Check });
        if (loaded.Config is null)
        {
            foreach (Fault fault in loaded.Faults)
                await Console.Error.WriteLineAsync(fault.ToString()).ConfigureAwait(false);
            return CommandTree.Wrong;
        }

        // A terminal's Ctrl-C comes to both; the bench says when it is over.
        using var signals = new Signals();
        using ILoggerFactory loggers = Logging.Create(LogLevel.Information);
        await using var sinks = new KafkaSinkFactory(loggers);
        await using var bridge = new Bridge(loaded.Config, sinks, loggers, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task<long> running = bridge.RunAsync(Drain, stop.Token);
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null)
        {
            long delivered = 0;
            foreach (ConnectorStatus status in bridge.Status)
                delivered += status.Delivered;
            using var self = Process.GetCurrentProcess();
            var use = new BridgeUse(Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), self.PeakWorkingSet64, delivered);
            await Console.Out.WriteLineAsync(use.Line()).ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        return CommandTree.Done;
    }
}
