namespace Fastbridge.Metrics;

/// <summary>What the process uses at one moment.</summary>
/// <param name="OpenFiles">Null where the system does not tell.</param>
internal sealed record ProcessUse(double CpuSeconds, long ResidentBytes, int? OpenFiles)
{
    private const string Descriptors = "/proc/self/fd";

    public static ProcessUse Now()
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        return new ProcessUse(cpu.TotalSeconds, Environment.WorkingSet, CountFiles());
    }

    private static int? CountFiles()
    {
        try
        {
            int count = -1; // The look itself opens one.
            foreach (string _ in Directory.EnumerateFileSystemEntries(Descriptors))
                count++;
            return count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
