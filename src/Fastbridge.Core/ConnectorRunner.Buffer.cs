using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;

namespace Fastbridge.Core;

/// <content>How a connector comes to its buffer, or to what is left in the one that it had.</content>
public sealed partial class ConnectorRunner
{
    /// <summary>Between two tries for a buffer's folder that another holds: short, for a connector that was edited waits for no more than its own end.</summary>
    private static readonly TimeSpan FolderPause = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a former buffer is waited for, beyond what the connector's earlier self may take to leave it: it may be another process's by now.</summary>
    private static readonly TimeSpan FormerPatience = TimeSpan.FromSeconds(10);

    /// <summary>Opens the buffer, and then the rest.</summary>
    /// <returns>False where it cannot run, or is told to stop.</returns>
    private async Task<bool> OpenWhenFreeAsync()
    {
        if (_config.Buffer is not { } buffer)
        {
            await OpenFormerAsync().ConfigureAwait(false);
            return !_stop.IsCancellationRequested && Open();
        }

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                OpenBuffer(BufferFolder.Of(buffer, _stateDir, Name), buffer, former: false);
                return Open();
            }
            catch (BufferException e) when (e.IsTaken)
            {
                await PauseAsync(e.Message).ConfigureAwait(false);
            }
            catch (BufferException e)
            {
                _events.OnStopped(e.Message);
                return false;
            }
        }

        return false;
    }

    /// <summary>
    /// The file gives this connector no buffer any more, and the one that it had may hold acknowledged messages: then it is used until it is empty, so that they come before
    /// what is new, and never again. One that cannot be had is said, and left as it is.
    /// </summary>
    private async Task OpenFormerAsync()
    {
        long started = _time.GetTimestamp();
        TimeSpan patience = TimeSpan.FromSeconds(_config.Kafka.CleanupTimeoutSecs) + FormerPatience;
        for (int i = 0; i < _former.Count && !_stop.IsCancellationRequested; i++)
        {
            string folder = _former[i];
            try
            {
                // In use: by this connector as it was before the edit, which may write to it to the end.
                while (LogFolder.IsLocked(folder) && _time.GetElapsedTime(started) < patience && !_stop.IsCancellationRequested)
                    await PauseAsync($"waits for its former buffer {folder}, which is still in use").ConfigureAwait(false);
                BufferReport report = BufferReport.Read(folder);
                if (report.Records == 0 || _stop.IsCancellationRequested)
                    continue;
                OpenBuffer(folder, new BufferConfig { Path = folder, MaxBytes = Math.Max(new BufferConfig().MaxBytes, report.Bytes * 2) }, former: true);
                BufferLog.Warned(_log, Name, $"it was taken out of the file, and {folder} holds {report.Records} messages: they are delivered first, new ones go by it until it is empty, and then never again");
                break;
            }
            catch (BufferException e) when (e.IsTaken && _time.GetElapsedTime(started) < patience && !_stop.IsCancellationRequested)
            {
                // Somebody only looked at it for an instant: buffer show, or this bridge itself.
                await PauseAsync(e.Message).ConfigureAwait(false);
                i--;
            }
            catch (BufferException e)
            {
                BufferLog.Warned(_log, Name, $"it was taken out of the file, and what it holds is not delivered: {e.Message}");
            }
        }

        _events.OnHeld(null);
    }

    private void OpenBuffer(string folder, BufferConfig buffer, bool former)
    {
        if (_delivery.OpenBuffer(folder, buffer, former) is { } warning)
            BufferLog.Warned(_log, Name, warning);
        _events.OnHeld(null);
    }

    /// <summary>Nothing tells when another lets go of a folder: it is asked again and again.</summary>
    private async Task PauseAsync(string why)
    {
        _events.OnHeld(why);
        await Task.Delay(FolderPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
