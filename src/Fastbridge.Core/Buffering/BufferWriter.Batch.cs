using Fastbridge.Core.Config;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Buffering;

/// <content>One batch: picked from memory, staged, and after the flush made readable and acknowledged; or given back.</content>
internal sealed partial class BufferWriter
{
    /// <summary>Bounds of a batch: 4 MiB is some milliseconds of a good disk's writing, so acks do not wait long for company.</summary>
    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostRecords = 8_192;

    private Item[] _batch = new Item[64];
    private int[] _slots = new int[64];
    private Receipt[] _acks = new Receipt[64];
    private int _picked;
    private int _slotCount;

    private void Pick()
    {
        _picked = 0;
        int bytes = 0;
        lock (log.Gate)
        {
            for (Page? page = pages.First; page is not null && bytes < MostBytes; page = page.Next)
            {
                int tail = page.Tail;
                while (page.Scanned < tail && bytes < MostBytes && _picked < MostRecords)
                {
                    int at = page.Scanned;
                    int length = page.BodyLength(at);
                    page.Scanned += Page.LengthOf(length);
                    if (page.StateOf(at) != EntryState.Pending)
                        continue;
                    page.SetState(at, EntryState.Picked);
                    if (_picked == _batch.Length)
                        Array.Resize(ref _batch, _batch.Length * 2);
                    _batch[_picked++] = new Item { Page = page, At = at };
                    bytes += length;
                }
            }
        }
    }

    /// <summary>How many of the batch were staged, dropped, or need not be.</summary>
    private int Stage()
    {
        for (int i = 0; i < _picked; i++)
        {
            ref Item item = ref _batch[i];
            if (item.Page.Has(item.At, Page.Settled))
                continue;
            while (!log.TryStage(item.Page.BodyOf(item.At), out item.Place))
            {
                if (config.Full is BufferFull.DropNewest && !item.Page.Has(item.At, Page.Produced))
                {
                    item.Dropped = true;
                    break;
                }

                long dropped = config.Full is BufferFull.DropOldest ? log.DropOldest() : 0;
                if (dropped == 0)
                    return i;
                CountDropped(dropped);
            }
        }

        return _picked;
    }

    private void CountDropped(long messages)
    {
        Volatile.Write(ref _dropped, _dropped + messages);
        host.OnBufferDropped(messages);
    }

    /// <summary>The disk has it: readable, its memory free, acknowledged.</summary>
    private void Finish(int done)
    {
        _slotCount = 0;
        int acks = 0, dropped = 0;
        EnsureRoom(done);
        lock (log.Gate)
        {
            LogPlace lastProduced = default;
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Produced) && item.Place.Segment is not null)
                    lastProduced = item.Place;
            }

            log.Publish(in lastProduced);
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Produced))
                    Produced(ref item);
            }

            // Inside the gate: a report that comes later finds the slot secured; one that came before has marked its entry.
            acks += window.Secure(_slots.AsSpan(0, _slotCount), _acks);
            _slotCount = 0;
            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                dropped += item.Dropped ? 1 : 0;
                if (!item.Page.Has(item.At, Page.Produced))
                    _slots[_slotCount++] = item.Page.SlotOf(item.At);
            }

            for (int i = 0; i < done; i++)
            {
                ref Item item = ref _batch[i];
                pages.Remove(item.Page, item.At);
                item = default;
            }
        }

        acks += window.Complete(_slots.AsSpan(0, _slotCount), _acks.AsSpan(acks));
        if (dropped > 0)
            CountDropped(dropped);
        if (acks > 0)
            host.Acknowledge(_acks.AsSpan(0, acks));
        host.OfferRoom();
        Changed();
    }

    private void Produced(ref Item item)
    {
        if (item.Place.Segment is null)
            return; // Settled before it was staged: it is not on disk, and need not be.
        item.Place.Segment.OnProduced();
        if (item.Page.Has(item.At, Page.Settled))
        {
            item.Place.Segment.Settled++;
            return;
        }

        int slot = item.Page.SlotOf(item.At);
        places[slot].Holder = item.Place.Segment;
        places[slot].At = item.Place.Sequence;
        _slots[_slotCount++] = slot;
    }

    /// <summary>What was picked and not written stands in memory as before.</summary>
    private void GiveBack(int from)
    {
        lock (log.Gate)
        {
            for (int i = from; i < _picked; i++)
            {
                ref Item item = ref _batch[i];
                if (item.Page.Has(item.At, Page.Settled))
                    pages.Remove(item.Page, item.At);
                else
                    item.Page.SetState(item.At, EntryState.Pending);
                item = default;
            }

            pages.Rescan();
        }
    }

    private void EnsureRoom(int count)
    {
        if (_slots.Length >= count)
            return;
        Array.Resize(ref _slots, _batch.Length);
        Array.Resize(ref _acks, _batch.Length);
    }

    private struct Item
    {
        public Page Page;
        public int At;
        public bool Dropped;
        public LogPlace Place;
    }
}
