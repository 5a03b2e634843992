namespace Fastbridge.Core.Live;

/// <summary>
/// Holds a state_dir for one bridge: two on one folder would overwrite each other's memory and throw each other's sessions out. The operating system frees it
/// when the process ends, however it ends.
/// </summary>
public sealed class StateLock : IDisposable
{
    /// <summary>2 s: a service manager may start the next process while the one before is just ending.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FileStream? _file;

    private StateLock(FileStream? file) => _file = file;

    /// <summary>Takes the folder, which is made where it is missing.</summary>
    /// <param name="trouble">Another bridge has it: one line with the remedy.</param>
    /// <returns>
    /// Null where another bridge has it. A folder that cannot be written is no reason not to run: then nothing is held, for nothing can be overwritten.
    /// </returns>
    public static StateLock? TryTake(string stateDir, out string? trouble)
    {
        trouble = null;
        string path = Path.Combine(stateDir, "bridge.lock");
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(stateDir);
                return new StateLock(LockFile.Open(path));
            }
            catch (IOException e) when (LockFile.IsTaken(e))
            {
                if (TimeProvider.System.GetElapsedTime(start) > Patience)
                {
                    trouble = $"state_dir {stateDir}: another fastbridge runs on it; stop that one, or give this file a state_dir of its own";
                    return null;
                }

                Thread.Sleep(100);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new StateLock(null);
            }
        }
    }

    public void Dispose() => _file?.Dispose();
}
