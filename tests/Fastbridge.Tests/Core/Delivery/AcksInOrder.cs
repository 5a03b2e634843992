using Fastbridge.Mqtt;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>What a client knows of acks: they leave in receipt order, so it tells the first that has not left. Any thread.</summary>
internal sealed class AcksInOrder
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _done = [];
    private Receipt _first;
    private bool _closed;

    public Receipt First
    {
        get
        {
            lock (_lock)
                return _first;
        }
    }

    public void Connect(int connection)
    {
        lock (_lock)
        {
            _done.Clear();
            _first = new Receipt(connection, 0);
            _closed = false;
        }
    }

    /// <summary>The link is cut: from here on no ack leaves.</summary>
    /// <returns>The first sequence whose ack has not left.</returns>
    public int Cut()
    {
        lock (_lock)
        {
            _closed = true;
            return _first.Sequence;
        }
    }

    public void Acknowledge(ReadOnlySpan<Receipt> receipts)
    {
        lock (_lock)
        {
            if (_closed)
                return;
            foreach (Receipt receipt in receipts)
            {
                if (receipt.Connection == _first.Connection)
                    _done.Add(receipt.Sequence);
            }

            while (_done.Remove(_first.Sequence))
                _first = _first with { Sequence = _first.Sequence + 1 };
        }
    }
}
