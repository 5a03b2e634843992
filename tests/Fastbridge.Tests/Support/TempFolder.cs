namespace Fastbridge.Tests.Support;

/// <summary>A folder of the test's own, removed at the end (also when the test process is killed), kept with FASTBRIDGE_KEEP=1.</summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder(string purpose)
    {
        Path = Directory.CreateTempSubdirectory($"fastbridge-test-{purpose}-").FullName;
        if (!TestTools.KeepFolders) Reaper.AddFolder(Path);
    }

    public string Path { get; }

    /// <summary>The path of a file or folder inside.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        string path = File(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        if (TestTools.KeepFolders) return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is just ending may still write; the reaper removes the folder when this process ends.
        }
    }
}
