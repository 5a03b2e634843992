using System.Diagnostics;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>A file system of a few megabytes in memory, for what happens when one is full. Skips the test where it cannot be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string path, string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small file system can be mounted on Linux, as root, alone.");
        Path = Directory.CreateDirectory(path).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) == 0, "This container may not mount.");
    }

    public string Path { get; }

    /// <summary>Takes all that is free.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(System.IO.Path.Combine(Path, Guid.NewGuid().ToString("N")), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        foreach (int step in (int[])[4_096, 1])
        {
            try
            {
                while (true)
                    ballast.Write(new byte[step]);
            }
            catch (IOException)
            {
                // Full, which was the aim.
            }
        }
    }

    public void MakeReadOnly() => Assert.Equal(0, Run("mount", "-o", "remount,ro", Path));

    /// <summary>Frees what <see cref="Fill"/> took.</summary>
    public void Free()
    {
        foreach (string file in Directory.EnumerateFiles(Path))
            File.Delete(file);
    }

    public void Dispose() => Run("umount", "-l", Path);

    private static int Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
