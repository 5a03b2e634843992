using System.Diagnostics;

namespace Fastbridge.Tests.Support;

/// <summary>A file system of its own for one folder, in memory, which only root can mount. Skips the test where it cannot be had.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly List<string> _ballast = [];

    /// <param name="path">Made where it is not there.</param>
    /// <param name="size">As mount(8) has it: 64k, 20m.</param>
    public SmallDisk(string path, string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small file system can be mounted on Linux, as root, alone.");
        Path = Directory.CreateDirectory(path).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) == 0, "This container may not mount.");
    }

    public string Path { get; }

    /// <summary>Until not one byte more goes in.</summary>
    public void Fill()
    {
        _ballast.Add(System.IO.Path.Combine(Path, $"ballast-{Guid.NewGuid():N}"));
        using var ballast = new FileStream(_ballast[^1], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
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

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free()
    {
        foreach (string file in _ballast)
            File.Delete(file);
        _ballast.Clear();
    }

    /// <summary>Lazily: a bridge, which may end after this, may still have a file open there.</summary>
    public void Dispose() => Run("umount", "-l", Path);

    private static int Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
