namespace Fastbridge.Core.Buffering;

/// <content>What the drain's thread does beside draining: give space back, remember how far it got, tell what was damaged.</content>
internal sealed partial class ConnectorBuffer
{
    private volatile bool _sinkFull;
    private volatile int _rooms;

    /// <summary>The sink has room again. Any thread.</summary>
    public void OnRoom()
    {
        Interlocked.Increment(ref _rooms);
        _sinkFull = false;
        Kick();
    }

    private void KeepHouse()
    {
        if (_log.Sweep())
            _writer.Wake();
        if (_log.LostRecords != _lost)
        {
            _host.OnBufferDamaged($"{_log.LostRecords - _lost:N0} records in {_log.Folder} are damaged and cannot be delivered; their bytes were set aside as *{LogFolder.DamagedSuffix}");
            _lost = _log.LostRecords;
        }

        if (_time.GetElapsedTime(_savedAt) < Tick)
            return;
        if (_pages.Live == 0)
        {
            lock (_log.Gate)
                _pages.Trim();
        }

        bool sync = _time.GetElapsedTime(_syncedAt) >= SyncEvery;
        SaveCursor(sync);
        _savedAt = _time.GetTimestamp();
        if (sync)
            _syncedAt = _savedAt;
    }

    /// <summary>An error is left alone: the cursor only saves repeats, and the writer tells of a disk that fails.</summary>
    private void SaveCursor(bool sync)
    {
        if (_log.IsEmpty)
            return;
        long[] unsettled;
        long next, settled;
        lock (_log.Gate)
        {
            next = _log.Next;
            unsettled = _places.OnDisk();
            settled = _settled;
        }

        if (next == _savedNext && settled == _savedSettled)
            return;
        try
        {
            _log.SaveCursor(next, unsettled, sync);
            _savedNext = next;
            _savedSettled = settled;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _savedNext = -1;
        }
    }

    private void SetReadFault(string? fault)
    {
        if (_readFault == fault)
            return;
        _readFault = fault;
        _host.OnBufferFault(fault ?? _writer.Fault);
    }
}
