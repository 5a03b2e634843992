using System.Collections.Immutable;
using System.CommandLine;
using Fastbridge.Cli.Mqtt;
using Fastbridge.Core.Checking;
using Fastbridge.Core.Config;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Checking;

namespace Fastbridge.Cli.Check;

/// <summary><c>fastbridge check</c>: what would go wrong with a connectors file, found at both ends and without changing anything there.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<string?> config = ConfigPath.NewOption("--config", "-c");
        var clientId = new Option<string?>("--client-id")
        {
            Description = "MQTT client id, where a broker admits only certain ones; not one that is in use, for its connection would end. Default: fastbridge-check- and six random digits",
            HelpName = "ID",
        };
        Option<int?> timeout = PublishCommand.NewTimeout("each end");
        Option<string?> output = BrokerOptions.NewChoice("--output", "table (the default) or json", "FORMAT", "table", "json");
        var command = new Command("check", "Validate the file, connect to both ends of each connector, say what would fail; change nothing.") { config, clientId, timeout, output };
        command.SetAction((parsed, _) =>
        {
            TimeSpan limit = PublishCommand.ReadTimeout(parsed, timeout);
            string path = ConfigPath.Require(parsed.GetValue(config), Settings.Load());
            return CheckAsync(path, parsed.GetValue(clientId), limit, parsed.GetValue(output) == "json");
        });
        return command;
    }

    private static async Task<int> CheckAsync(string path, string? clientId, TimeSpan timeout, bool json)
    {
        LoadResult loaded = ConnectorsFile.Load(path, LoadEnvironment.Current with { CheckKafkaProperty = KafkaProperties.Check });
        var findings = new List<Finding>();
        if (loaded.Config is not { } bridge)
        {
            foreach (Fault fault in loaded.Faults)
            {
                await Console.Error.WriteLineAsync(fault.ToString()).ConfigureAwait(false);
                findings.Add(OfFile(FindingLevel.Fail, fault.ToString()));
            }

            if (json)
                await Console.Out.WriteLineAsync(CheckReport.Json(path, findings)).ConfigureAwait(false);
            return CommandTree.Wrong;
        }

        foreach (string warning in loaded.Warnings)
            findings.Add(OfFile(FindingLevel.Warn, warning));
        ImmutableArray<ConnectorConfig> running = Running(bridge, clientId, findings);
        findings.AddRange(BufferProbe.Run(running, bridge));
        using var signals = new Signals();
        try
        {
            // Side by side: they have nothing to do with each other, and each may wait for its whole time.
            Task<ImmutableArray<Finding>> mqtt = MqttProbe.RunAsync(running, clientId, timeout, signals.Stop);
            Task<ImmutableArray<Finding>> kafka = Task.Run(() => KafkaProbe.RunAsync(running, timeout, signals.Stop));
            findings.AddRange(await mqtt.ConfigureAwait(false));
            findings.AddRange(await kafka.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("fastbridge check: interrupted").ConfigureAwait(false);
            return CommandTree.Failed;
        }

        string report = json ? CheckReport.Json(path, findings) : CheckReport.Table(findings, Console.IsOutputRedirected ? int.MaxValue : Console.WindowWidth);
        await Console.Out.WriteLineAsync(report).ConfigureAwait(false);
        return findings.Exists(f => f.Level == FindingLevel.Fail) ? CommandTree.Failed : CommandTree.Done;
    }

    /// <summary>The connectors to be checked. Those that the file says are stopped are named, and left alone as <c>run</c> leaves them.</summary>
    /// <exception cref="SettingsException">The client id is one of theirs: the check would end the session that it is there to protect.</exception>
    private static ImmutableArray<ConnectorConfig> Running(BridgeConfig bridge, string? clientId, List<Finding> findings)
    {
        var running = ImmutableArray.CreateBuilder<ConnectorConfig>();
        foreach (ConnectorConfig connector in bridge.Connectors)
        {
            if (clientId is not null && connector.Mqtt.ClientId == clientId)
                throw new SettingsException($"--client-id: {Printable.Text(clientId)} is connector {Printable.Text(connector.Name)}'s own, and its session would be lost; take another that the broker admits");
            if (connector.Enabled)
                running.Add(connector);
            else
                findings.Add(OfFile(FindingLevel.Ok, "its status is Stopped: valid, and not connected") with { Connectors = [connector.Name] });
        }

        return running.ToImmutable();
    }

    private static Finding OfFile(FindingLevel level, string text) => new() { End = "file", What = "validate", Level = level, Text = text };
}
