using Microsoft.AspNetCore.Connections;

namespace Fastbridge.Admin;

/// <summary>
/// Bounds the connections. One more than allowed takes the place of another: of one that has got no answer yet, else of one between two requests, each time the one that
/// is idle longest. So whoever holds many connections open keeps nobody out. What an answer is being made for is never closed. Any thread.
/// </summary>
internal sealed class AdminConnections(int most, AdminCounts counts)
{
    private readonly Lock _lock = new();
    private readonly List<AdminConnection> _all = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _all.Count;
        }
    }

    /// <summary>Ends when the connection does.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var held = new AdminConnection(connection);
        AdminConnection? leaves;
        lock (_lock)
        {
            leaves = _all.Count < most ? null : Idlest();
            if (leaves is not null)
                _all.Remove(leaves);
            if (_all.Count < most)
                _all.Add(held);
            else
                leaves = held;
        }

        if (leaves is not null)
        {
            Interlocked.Increment(ref leaves == held ? ref counts.Refused : ref counts.MadeRoom);
            leaves.Close();
            if (leaves == held)
                return;
        }

        connection.Features.Set(held);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            bool wasClosed;
            lock (_lock)
                wasClosed = !_all.Remove(held);
            // What made room is counted as that.
            if (!wasClosed && !held.IsHeard)
                Interlocked.Increment(ref counts.Unheard);
        }
    }

    private AdminConnection? Idlest()
    {
        AdminConnection? idlest = null;
        foreach (AdminConnection one in _all)
        {
            if (!one.IsAnswering && (idlest is null || (one.IsKnown == idlest.IsKnown ? one.UsedAt < idlest.UsedAt : !one.IsKnown)))
                idlest = one;
        }

        return idlest;
    }
}

/// <summary>One connection, as long as it lasts. It is among its requests' features.</summary>
internal sealed class AdminConnection(ConnectionContext connection)
{
    private volatile bool _isAnswering;
    private volatile bool _isKnown;
    private volatile bool _isHeard;
    private long _usedAt = Environment.TickCount64;

    /// <summary>An answer is being made for one who may have it: not while a body is awaited, for that may never come.</summary>
    public bool IsAnswering
    {
        get => _isAnswering;
        set => _isAnswering = value;
    }

    /// <summary>It has brought a request of one who may use the API.</summary>
    public bool IsKnown
    {
        get => _isKnown;
        set => _isKnown = value;
    }

    /// <summary>It has brought a whole request, right or wrong.</summary>
    public bool IsHeard => _isHeard;

    /// <summary>In milliseconds of the machine's clock.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>A request begins or ends.</summary>
    public void Use()
    {
        _isHeard = true;
        Volatile.Write(ref _usedAt, Environment.TickCount64);
    }

    public void Close() => connection.Abort(new ConnectionAbortedException("another connection takes its place"));
}
