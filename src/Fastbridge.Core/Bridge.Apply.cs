using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;

namespace Fastbridge.Core;

/// <content>How another set is taken over.</content>
public sealed partial class Bridge
{
    private readonly HashSet<DeletedMark> _ending = [];
    private readonly Dictionary<string, MqttClientOptions> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes over another set. Completes when new connectors are started (not yet connected) and removed ones told to drain. Does nothing before
    /// <see cref="RunAsync"/> and after its end began.
    /// </summary>
    /// <param name="deleted">
    /// The marks (<see cref="DeletedConnectors.Read"/>) as they were before <paramref name="next"/> was read: a name among them that is in the set all the same was deleted and made again.
    /// </param>
    public Task ApplyAsync(BridgeConfig next, ImmutableArray<DeletedMark> deleted) => Task.Run(() =>
    {
        lock (_lock)
        {
            if (_memory is not null && !_stopping)
                Apply(next, deleted);
        }
    });

    /// <summary>The marks of deleted connectors as they are now; for <see cref="ApplyAsync"/>.</summary>
    public ImmutableArray<DeletedMark> DeletedMarks() => DeletedConnectors.Read(_config.StateDir);

    private void Begin()
    {
        lock (_lock)
        {
            _memory = SessionMemory.Load(_config.StateDir, _time, out string? trouble);
            if (trouble is not null)
                BridgeLog.Warned(_log, trouble);
            Apply(_config, DeletedMarks());
        }
    }

    private void Apply(BridgeConfig next, ImmutableArray<DeletedMark> deleted)
    {
        Warn(next, deleted);
        next = next with { StateDir = _config.StateDir };
        var before = new Dictionary<string, Placed>(StringComparer.Ordinal);
        foreach (Placed placed in _set)
            before.Add(placed.Config.Name, placed);

        // First out of the way, then in: a session may pass from one to the other, under a new name or after a new beginning.
        var made = new List<Placed>();
        var changes = new List<ConnectorChange>();
        Func<KafkaConfig, string?> refusals = _sinks.Refusals();
        _filesRefused = null;
        foreach (ConnectorConfig wanted in next.Connectors)
        {
            before.Remove(wanted.Name, out Placed? old);
            ConnectorConfig connector = WithUsableFiles(old, wanted, refusals);
            var mark = new DeletedMark(connector.ClusterName, connector.Name);
            bool again = deleted.Contains(mark) && !_ending.Contains(mark);
            ConnectorChange change = old?.Runner is null || again || !connector.Enabled ? ConnectorChange.Restart : ConnectorComparison.Compare(old.Config, connector);
            made.Add(new Placed(connector, change is ConnectorChange.Restart ? null : old!.Runner, old is { Config.Enabled: false } && !connector.Enabled ? old.Since : _time.GetUtcNow()));
            if (change is ConnectorChange.Restart && old?.Runner is not null)
                Leave(old, connector.Enabled ? "was changed, and is drained before it starts anew" : "was stopped, and is drained");
            changes.Add(change);
        }

        foreach (Placed gone in before.Values)
            Leave(gone, "was removed, and is drained");
        foreach (Placed placed in made)
        {
            if (placed.Config.Enabled)
                _memory!.Expect(placed.Config);
        }

        _memory!.LeaveAllBut(next.Connectors);
        SaveMemory();
        RememberBuffers(next);
        foreach (DeletedMark mark in deleted)
            EndSessions(mark, next);
        for (int i = 0; i < made.Count; i++)
        {
            ConnectorConfig connector = made[i].Config;
            if (changes[i] is not ConnectorChange.Restart)
                made[i].Runner!.Accept(connector, changes[i]);
            else if (connector.Enabled)
                made[i] = made[i] with { Runner = Start(connector, next) };
        }

        _set = [.. made];
        if (!ConnectorComparison.Same(_statusTopic, next.StatusTopic))
            _statusTopic = next.StatusTopic;
        WarnOfBuffers(next, early: true);
        _config = next;
    }

    private ConnectorRunner Start(ConnectorConfig connector, BridgeConfig set)
    {
        _known[SessionGate.KeyOf(connector.Mqtt)] = connector.Mqtt;
        var runner = new ConnectorRunner(connector, set.StateDir, FormerBuffers(connector, set), _sinks, _loggers, _time, _memory!, _gate.Enter(connector.Mqtt), _budget);
        runner.Start();
        return runner;
    }

    private void Leave(Placed placed, string why)
    {
        if (placed.Runner is not { } runner)
            return;
        BridgeLog.Leaving(_log, runner.Name, why, placed.Config.Kafka.CleanupTimeoutSecs);
        var leaving = new Leaving(runner, why);
        _leaving.Add(leaving);
        leaving.Left = Task.Run(async () =>
        {
            long unsettled = await runner.LeaveAsync(_hurry.Token).ConfigureAwait(false);
            await runner.DisposeAsync().ConfigureAwait(false);
            lock (_lock)
            {
                _leaving.Remove(leaving);
                if (!_stopping)
                    WarnOfBuffers(_config, early: true); // What it left in a buffer is known now.
            }

            return unsettled;
        });
    }

    /// <summary>A connector was deleted: whatever session it has or had is ended, behind whoever still drains on it.</summary>
    private void EndSessions(DeletedMark mark, BridgeConfig set)
    {
        if (!_ending.Add(mark))
            return;
        ImmutableArray<RememberedSession> sessions = _memory!.Of(mark.ClusterName, mark.Name);
        int left = sessions.Length;
        if (left == 0)
            Done();
        foreach (RememberedSession session in sessions)
        {
            MqttClientOptions options = Reach(session, set);
            _ender.End(mark.Name, options, SessionMemory.Lasts(session), _gate.Enter(options), () =>
            {
                lock (_lock)
                {
                    // Made again meanwhile: then the session is another one, and its memory that one's.
                    if (!Array.Exists(_set, p => p.Config.Enabled && SessionGate.KeyOf(p.Config.Mqtt) == session.Key))
                        _memory.Forget(session.Key);
                    if (--left == 0)
                        Done();
                }
            });
        }

        void Done()
        {
            SaveMemory();
            DeletedConnectors.Remove(_config.StateDir, mark);
            _ending.Remove(mark);
        }
    }

    /// <summary>Credentials are not remembered: they are taken from who used the session, else from another connector at that server, else from the file.</summary>
    private MqttClientOptions Reach(RememberedSession session, BridgeConfig set)
    {
        if (_known.TryGetValue(session.Key, out MqttClientOptions? own))
            return own;
        foreach (ConnectorConfig connector in set.Connectors)
        {
            if (IsAt(connector.Mqtt))
                return connector.Mqtt with { ClientId = session.ClientId };
        }

        return set.Mqtt is { } file && IsAt(file) ? file with { ClientId = session.ClientId } : session.Options;

        bool IsAt(MqttClientOptions options) =>
            options.Servers.Any(s => s.Port == session.Port && string.Equals(s.Host, session.Host, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Once a second: rates, what is to be remembered, and marks that came after the edit that they belong to.</summary>
    private async Task PulseAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                _heart.Beat();
                foreach (Placed placed in _set)
                    placed.Runner?.Sample();
                ImmutableArray<DeletedMark> marks = DeletedMarks();
                lock (_lock)
                {
                    SaveMemory();
                    if (++_pulses % BufferPulses == 0)
                        WarnOfBuffers(_config, early: false);
                    foreach (DeletedMark mark in marks)
                    {
                        // Still in the set: the edit that it belongs to is about to be read.
                        if (!Array.Exists(_set, p => p.Config.Name == mark.Name))
                            EndSessions(mark, _config);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            _heart.Rest(); // The bridge ends.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing of the kind is known. Messages go on; what looks at health has the process restarted.
            _heart.Fail(e);
        }
    }
}
