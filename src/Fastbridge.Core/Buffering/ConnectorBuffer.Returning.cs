using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Buffering;

/// <content>The way back from the disk to Kafka.</content>
internal sealed partial class ConnectorBuffer
{
    /// <summary>Messages that may still be on their way to the disk when the reader is held to change over: some milliseconds' worth.</summary>
    private const int MostToCarry = 4_096;

    /// <summary>Kafka keeps up, and next to nothing waits: worth holding the reader for a moment, to change over.</summary>
    private bool MayReturn()
    {
        if (_sinkFault is not null || _leaving || _readFault is not null || _host.IsRecovering || !_window.IsHalfEmpty)
            return false;
        if (_writer.Fault is not null)
            return true; // The disk fails and Kafka works.
        if (_config.When is BufferWhen.Always || _window.Buffered > MostToCarry)
            return false;
        return _config.When is BufferWhen.FullWindow || !IsLate(_places.Oldest(inMemory: false));
    }

    /// <summary>
    /// Back to Direct: what is left on disk is produced, then what is only in memory, in order, with its receipts; then the reader goes on itself. Where Kafka
    /// stops on the way, all stays as it was.
    /// </summary>
    private void TryReturn()
    {
        _mode = BufferMode.Holding;
        _host.HoldReader();
        _writer.Rest();
        bool done = false;
        try
        {
            done = Pump() && PumpMemory();
        }
        finally
        {
            if (!done) // Also where the disk failed on the way: messages must not be held for that.
            {
                _writer.Begin();
                _mode = BufferMode.Buffered;
                _host.OfferRoom(); // Here, for an exception leaves: the reader may have found Holding, and sleep.
            }
        }

        if (!done)
            return;
        _log.CloseCurrent();
        _writer.ForgetFull();
        _mode = BufferMode.Direct;
        if (_writer.Fault is null)
            _host.OnBufferMode(buffered: false);
        _host.OfferRoom();
    }

    /// <summary>Produces what the writer has not written, from memory. While reader and writer rest.</summary>
    private bool PumpMemory()
    {
        lock (_log.Gate)
            _pages.Rescan();
        while (NextInMemory(out int at) is { } page)
        {
            if (!TryProduce(page, at))
                return false;
        }

        return true;
    }

    private Page? NextInMemory(out int at)
    {
        at = 0;
        lock (_log.Gate)
        {
            for (Page? page = _pages.First; page is not null; page = page.Next)
            {
                while (page.Scanned < page.Tail)
                {
                    at = page.Scanned;
                    page.Scanned += Page.LengthOf(page.BodyLength(at));
                    if (page.StateOf(at) is EntryState.Pending && !page.Has(at, Page.Produced))
                        return page;
                }
            }
        }

        return null;
    }

    private bool TryProduce(Page page, int at)
    {
        _producing = true;
        try
        {
            if (_host.IsRecovering || !StoredRecord.TryParse(page.BodyOf(at), out StoredRecord stored))
                return false;
            int slot = page.SlotOf(at);
            _window.MoveToFlight(slot, ordered: true);
            lock (_log.Gate)
            {
                _places.Set(slot, page, at, stored.Outgoing.TimestampMs);
                page.Set(at, Page.Produced);
            }

            ProduceStatus status = _host.Produce(in stored, slot);
            if (status is not (ProduceStatus.QueueFull or ProduceStatus.Rebuilding))
                return true;
            lock (_log.Gate)
            {
                _places[slot] = default;
                page.Unset(at, Page.Produced);
            }

            _window.MoveToBuffer(slot);
            return false;
        }
        finally
        {
            _producing = false;
        }
    }
}
