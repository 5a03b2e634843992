using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;

namespace Fastbridge.Core;

/// <content>What an operator should know of the set that runs.</content>
public sealed partial class Bridge
{
    private string? _emptied;
    private string? _stateDirMoved;
    private string? _memoryTrouble;
    private string? _filesRefused;

    /// <summary>What an operator should know of the set that runs; empty where all is well.</summary>
    public ImmutableArray<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                ImmutableArray<string>.Builder all = ImmutableArray.CreateBuilder<string>();
                foreach (string? warning in (string?[])[_emptied, _stateDirMoved, _memoryTrouble, _filesRefused, _buffersTrouble, _orphaned])
                {
                    if (warning is not null)
                        all.Add(warning);
                }

                return all.ToImmutable();
            }
        }
    }

    private void Warn(BridgeConfig next, ImmutableArray<DeletedMark> deleted)
    {
        if (!next.Connectors.IsEmpty)
            _emptied = null;
        else if (_set.Any(p => !deleted.Contains(new DeletedMark(p.Config.ClusterName, p.Config.Name)))) // Whoever deleted the last one by its name meant it.
            BridgeLog.Warned(_log, _emptied = $"an edit removed every connector ({_set.Length}) at {_time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z: nothing is bridged; if that was not meant, put them back, for their MQTT sessions are kept until they expire");
        string? moved = next.StateDir == _config.StateDir ? null : $"state_dir is now {next.StateDir}, which counts from the next start on; until then it is {_config.StateDir}";
        if (moved is not null && moved != _stateDirMoved)
            BridgeLog.Warned(_log, moved);
        _stateDirMoved = moved;
    }

    private void SaveMemory()
    {
        string? trouble = _memory?.Save();
        if (trouble is not null && trouble != _memoryTrouble)
            BridgeLog.Warned(_log, trouble);
        _memoryTrouble = trouble;
    }

    /// <summary>
    /// Kafka's certificate files have changed, and what they hold now cannot be used: half written, or a key that comes before its certificate. The producer that runs stays, until
    /// they change again.
    /// </summary>
    private ConnectorConfig WithUsableFiles(Placed? old, ConnectorConfig wanted, Func<KafkaConfig, string?> refusals)
    {
        if (old?.Runner is not { IsOpen: true } || !wanted.Enabled || !ConnectorComparison.OnlyKafkaFiles(old.Config, wanted) || refusals(wanted.Kafka) is not { } why)
            return wanted;
        string trouble = $"Kafka's certificate files have changed, and cannot be used: {why}; it goes on with the earlier ones";
        ConnectorLog.Warned(_log, wanted.Name, trouble);
        _filesRefused ??= $"{wanted.Name}: {trouble}";
        return wanted with { Kafka = old.Config.Kafka };
    }
}
