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
        if (_log.TakeFinished())
        {
            bool known = SaveCursor(sync: true, anyway: true);
            _log.DeleteFinished();
            if (!known)
                SaveCursor(sync: true, anyway: true); // On a full disk there is space for it now.
            _writer.Wake();
        }

        if (_log.LostRecords != _lost)
        {
            _host.OnBufferDamaged($"{_log.LostRecords - _lost:N0} records of {_log.Folder} are damaged or gone and cannot be delivered; what there is of their bytes is kept there as *{LogFolder.DamagedSuffix}");
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

    /// <summary>An error is left alone: the cursor saves repeats and tells what is missing, and the writer tells of a disk that fails. False where it could not be written.</summary>
    /// <param name="anyway">Also where nothing has changed since, or no file is left.</param>
    private bool SaveCursor(bool sync, bool anyway = false)
    {
        if (_log.IsEmpty && !anyway)
            return true;
        long[] unsettled;
        long next, settled, end;
        lock (_log.Gate)
        {
            next = _log.Next;
            end = _log.Published;
            unsettled = _places.OnDisk();
            settled = _settled;
        }

        if (next == _savedNext && settled == _savedSettled && end == _savedEnd && !anyway)
            return true;
        try
        {
            _log.SaveCursor(next, unsettled, sync);
            _savedNext = next;
            _savedSettled = settled;
            _savedEnd = end;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _savedNext = -1;
            return false;
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
