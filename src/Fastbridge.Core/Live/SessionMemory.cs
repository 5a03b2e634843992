using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Live;

/// <summary>
/// What the bridge has subscribed in which MQTT session, kept in state_dir over restarts: so that a filter that is gone can be unsubscribed also when it went while
/// nothing ran, and the session of a deleted connector be ended. Any thread; <see cref="Save"/> writes.
/// </summary>
/// <remarks>A filter is on disk before it is subscribed, and leaves after the server has confirmed that it is gone: too many are harmless, too few are not.</remarks>
internal sealed class SessionMemory
{
    /// <summary>For sessions that never expire (and for 3.1.1, whose servers do not tell): 90 days after its connector left, nobody remembers it either.</summary>
    private static readonly TimeSpan LongestLeft = TimeSpan.FromDays(90);

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, RememberedSession> _sessions = new(StringComparer.Ordinal);
    private bool _dirty;

    private SessionMemory(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
    }

    /// <summary>Reads the memory of a folder. One that cannot be read is as good as none.</summary>
    /// <param name="trouble">Null, or one line.</param>
    public static SessionMemory Load(string stateDir, TimeProvider time, out string? trouble)
    {
        var memory = new SessionMemory(Path.Combine(stateDir, "sessions.json"), time);
        foreach (RememberedSession session in SessionMemoryFile.Read(memory._path, out trouble))
            memory._sessions[session.Key] = session;
        return memory;
    }

    /// <summary>A connector is about to use its session with these filters; to be followed by <see cref="Save"/> before it does.</summary>
    public void Expect(ConnectorConfig connector)
    {
        if (connector.Mqtt.ClientId.Length == 0)
            return; // An assigned identifier cannot be used again, and its session is not ours to find.
        lock (_lock)
        {
            string key = SessionGate.KeyOf(connector.Mqtt);
            RememberedSession before = _sessions.GetValueOrDefault(key) ?? new RememberedSession { ClientId = connector.Mqtt.ClientId };
            ImmutableArray<string> filters = before.Filters;
            foreach (MqttSubscription s in connector.Mqtt.Subscriptions)
            {
                if (!filters.Contains(s.Filter))
                    filters = filters.Add(s.Filter);
            }

            RememberedSession after = before with
            {
                Host = connector.Mqtt.Host,
                Port = connector.Mqtt.Port,
                Tls = connector.Mqtt.Tls is not null,
                WebSocketPath = connector.Mqtt.WebSocketPath?.Split('?')[0],
                Version = connector.Mqtt.Version,
                ExpirySeconds = connector.Mqtt.SessionExpiryInterval,
                ClusterName = connector.ClusterName,
                Name = connector.Name,
                Filters = filters,
                LeftAt = null,
            };
            _dirty |= filters != before.Filters || after with { Filters = before.Filters } != before;
            _sessions[key] = after;
        }
    }

    /// <summary>Filters of the session that this configuration has no more.</summary>
    public ImmutableArray<string> Stale(MqttClientOptions options)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(SessionGate.KeyOf(options), out RememberedSession? session))
                return [];
            return session.Filters.RemoveAll(f => options.Subscriptions.Any(s => s.Filter == f));
        }
    }

    /// <summary>The server has dropped these filters.</summary>
    public void Unsubscribed(MqttClientOptions options, ImmutableArray<string> filters)
    {
        lock (_lock)
        {
            string key = SessionGate.KeyOf(options);
            if (!_sessions.TryGetValue(key, out RememberedSession? session))
                return;
            _sessions[key] = session with { Filters = session.Filters.RemoveRange(filters) };
            _dirty = true;
        }
    }

    /// <summary>The server had no session: nothing of an earlier configuration is in it.</summary>
    public void Renewed(MqttClientOptions options) => Unsubscribed(options, Stale(options));

    /// <summary>Its connector is no more, or has another session now: this one is left to its expiry.</summary>
    public void Left(MqttClientOptions options)
    {
        lock (_lock)
        {
            string key = SessionGate.KeyOf(options);
            if (!_sessions.TryGetValue(key, out RememberedSession? session) || session.LeftAt is not null)
                return;
            _sessions[key] = session with { LeftAt = _time.GetUtcNow() };
            _dirty = true;
        }
    }

    /// <summary>The set that runs is complete: sessions of others, which left while nothing ran, are marked so, and those whose expiry has passed are forgotten.</summary>
    public void LeaveAllBut(IEnumerable<ConnectorConfig> connectors)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (ConnectorConfig connector in connectors)
            used.Add(SessionGate.KeyOf(connector.Mqtt));
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach ((string key, RememberedSession session) in _sessions.ToArray())
            {
                if (used.Contains(key))
                    continue;
                if (session.LeftAt is null)
                    _sessions[key] = session with { LeftAt = now };
                else if (now - session.LeftAt > Lasts(session))
                    _sessions.Remove(key);
                else
                    continue;
                _dirty = true;
            }
        }
    }

    /// <summary>The sessions that a connector of that name has or had.</summary>
    public ImmutableArray<RememberedSession> Of(string clusterName, string name)
    {
        ImmutableArray<RememberedSession>.Builder found = ImmutableArray.CreateBuilder<RememberedSession>();
        lock (_lock)
        {
            foreach (RememberedSession session in _sessions.Values)
            {
                if (session.Name == name && session.ClusterName == clusterName)
                    found.Add(session);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>The session was ended.</summary>
    public void Forget(string key)
    {
        lock (_lock)
            _dirty |= _sessions.Remove(key);
    }

    /// <summary>Writes what changed; returns when it is on disk. Null, or why not: one line, and it stays to be written.</summary>
    public string? Save()
    {
        lock (_writing)
        {
            ImmutableArray<RememberedSession> sessions;
            lock (_lock)
            {
                if (!_dirty)
                    return null;
                sessions = [.. _sessions.Values];
                _dirty = false;
            }

            try
            {
                SessionMemoryFile.Write(_path, sessions);
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                lock (_lock)
                    _dirty = true;
                return $"{_path}: cannot be written ({e.Message.TrimEnd('.')}), so a filter that is removed while nothing runs would not be unsubscribed; mend the folder, or set state_dir to another";
            }
        }
    }

    /// <summary>How long a session can last at the server without its client.</summary>
    public static TimeSpan Lasts(RememberedSession session) =>
        session.Version == Mqtt.Protocol.MqttVersion.V5 && session.ExpirySeconds < LongestLeft.TotalSeconds ? TimeSpan.FromSeconds(session.ExpirySeconds) : LongestLeft;
}
